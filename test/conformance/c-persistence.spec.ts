import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  functionCallsOf,
  functionResponsesOf,
  mediaOf,
  type Blob,
  type Event,
  type Part,
} from '@parley/event';
import { FunctionTool, InMemorySessionService, parseArtifactUri } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { unzip } from '../../libs/live/src/testing/unzip.js';
import type { Conversation } from './support/conversation.js';
import { conversations, KEY } from './support/conversations.js';
import { failure } from './support/errors.js';
import {
  caption,
  generationComplete,
  heard,
  interrupted,
  microphone,
  text,
  toolCall,
  turnComplete,
  usage,
  voice,
} from './support/messages.js';
import { until } from './support/wait.js';

const conversation = conversations();
const lookUp = new FunctionTool({ name: 'look_up', description: 'Looks up.', execute: () => ({ found: 1 }) });
const saving = { runConfig: { saveLiveBlob: true } };

/** What an event is about, in one word. */
function aboutOf(event: Event): string {
  if (functionCallsOf(event).length > 0) return 'call';
  if (functionResponsesOf(event).length > 0) return 'response';
  if (event.content?.parts.some((part) => part.fileData)) return `file of ${event.author}`;
  if (event.content) return `content of ${event.author}`;
  if (event.inputTranscription) return 'heard';
  if (event.outputTranscription) return 'said';
  if (event.usageMetadata) return 'usage';
  if (event.interrupted) return 'interrupted';
  return event.turnComplete ? 'turnComplete' : 'other';
}

/** The user speaks and the model answers aloud, up to but not including the end of the turn. */
async function speakAndAnswer(call: Conversation): Promise<void> {
  const before = call.model.messages.length;
  call.queue.sendRealtime(microphone(100, 1));
  call.queue.sendRealtime(microphone(100, 2));
  await call.model.received(before + 2);
  call.model.send(voice(40, 3), voice(40, 4));
  await call.until('the voice of the model', () =>
    call.events.some((event) => mediaOf(event)?.data[0] === 4),
  );
}

/** What a recording holds: its rate, and the first byte of every 100 ms or so of sound. */
async function recordingOf(call: Conversation, event: Event): Promise<{ rate: number; sound: Uint8Array }> {
  const uri = event.content?.parts[0]?.fileData?.fileUri ?? '';
  const reference = parseArtifactUri(uri);
  if (!reference) throw new Error(`not the address of an artifact: ${uri}`);
  const { version, ...name } = reference;
  const part = await call.artifacts.loadArtifact({ tenantId: KEY.tenantId, ...name }, version);
  const bytes = part?.inlineData?.data ?? new Uint8Array();
  const wav = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  expect([ascii(0), ascii(8), ascii(36)]).toEqual(['RIFF', 'WAVE', 'data']);
  expect([wav.getUint16(20, true), wav.getUint16(22, true), wav.getUint16(34, true)]).toEqual([1, 1, 16]);
  const length = wav.getUint32(40, true);
  expect(44 + length).toBe(bytes.length);
  return { rate: wav.getUint32(24, true), sound: bytes.subarray(44) };
}

describe('C. What is kept', () => {
  it('C1 stores no audio', async () => {
    const call = await conversation();
    call.queue.sendRealtime(microphone(100));
    await call.model.received(1);
    call.model.send(voice(), voice(), caption('hi'), turnComplete());
    await call.event({ turnComplete: true });
    const told = await call.end();
    expect(told.filter((event) => mediaOf(event))).toHaveLength(2);
    expect((await call.stored()).filter((event) => mediaOf(event))).toEqual([]);
    expect(await call.artifacts.listArtifactKeys(call.key)).toEqual([]);
  });

  it('C2 stores no deltas, but transcriptions, calls, responses, usage, ends of turns and interruptions', async () => {
    const call = await conversation({ tools: [lookUp] });
    call.model.send(heard('find'), heard(' it', { finished: true }), toolCall({ id: '1', name: 'look_up' }));
    await call.event({ content: { parts: [{ functionResponse: { name: 'look_up' } }] } });
    call.model.send(caption('found'), voice(), usage({ totalTokenCount: 5 }), turnComplete());
    call.model.send(caption('and'), voice(), interrupted());
    await call.event({ interrupted: true });
    await call.end();
    const stored = await call.stored();
    expect(stored.filter((event) => event.partial === true)).toEqual([]);
    expect(stored.map(aboutOf)).toEqual([
      'heard',
      'call',
      'response',
      'usage',
      'said',
      'turnComplete',
      'said',
      'interrupted',
    ]);
  });

  it('C3 stores what the user typed once, as an event of the user', async () => {
    const call = await conversation();
    call.queue.sendContent({ parts: [{ text: 'Hello' }] });
    call.model.send(voice(), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    const typed = (await call.stored()).filter((event) => event.content);
    expect(typed).toMatchObject([{ author: 'user', content: { role: 'user', parts: [{ text: 'Hello' }] } }]);
  });

  it('C4 stores a call behind the transcription that it interrupts, and tells it at once', async () => {
    const call = await conversation({ tools: [lookUp] });
    call.model.send(heard('find'), toolCall({ id: '1', name: 'look_up' }));
    await call.event({ content: { parts: [{ functionResponse: { name: 'look_up' } }] } });
    expect(call.eventsWith({ inputTranscription: { finished: true } })).toEqual([]);
    expect(call.kinds).toEqual(['partial heard "find"', 'call look_up', 'response look_up']);
    expect(await call.stored()).toEqual([]);
    call.model.send(heard(' it', { finished: true }), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    expect((await call.stored()).map(aboutOf)).toEqual(['heard', 'call', 'response', 'turnComplete']);
    expect((await call.stored())[0]?.inputTranscription?.text).toBe('find it');
  });

  it('C5 stores calls that still wait for their place when the run ends', async () => {
    const call = await conversation({ tools: [lookUp] });
    call.model.send(heard('find'), toolCall({ id: '1', name: 'look_up' }));
    await call.event({ content: { parts: [{ functionResponse: { name: 'look_up' } }] } });
    call.abort();
    await call.over();
    const stored = (await call.stored()).map(aboutOf);
    expect(stored.filter((about) => about !== 'heard')).toEqual(['call', 'response']);
    expect(stored.lastIndexOf('heard')).toBeLessThan(stored.indexOf('call'));
  });

  it('C6 saves the audio of both sides at the end of the turn, and tells that end, too', async () => {
    const call = await conversation(saving);
    await speakAndAnswer(call);
    call.model.send(turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    const files = (await call.stored()).filter((event) => aboutOf(event).startsWith('file'));
    expect(files.map(aboutOf).sort()).toEqual(['file of greeter', 'file of user']);
    expect(await call.artifacts.listArtifactKeys(call.key)).toHaveLength(2);
    for (const { content } of files) expect(content?.parts[0]?.fileData?.fileUri).toMatch(/^artifact:\/\//);
    expect((await call.stored()).filter((event) => event.turnComplete)).toHaveLength(1);
  });

  it('C6 saves one picture of a turn as it is, and several as an archive of them', async () => {
    const call = await conversation(saving);
    const picture = (fill: number): Blob => ({ mimeType: 'image/jpeg', data: new Uint8Array(8).fill(fill) });
    const shown = async (...fills: readonly number[]): Promise<Part['inlineData']> => {
      const [from, before] = [call.events.length, call.model.messages.length];
      for (const fill of fills) call.queue.sendRealtime(picture(fill));
      await call.model.received(before + fills.length);
      call.model.send(turnComplete());
      const told = await call.event({ author: 'user', content: { parts: [{ fileData: {} }] } }, from);
      await call.event({ turnComplete: true }, from);
      const { version, ...name } = parseArtifactUri(told.content?.parts[0]?.fileData?.fileUri ?? '') ?? {};
      const file = { ...KEY, filename: '', ...name };
      return (await call.artifacts.loadArtifact(file, version))?.inlineData;
    };
    expect(await shown(1)).toMatchObject(picture(1));
    const several = await shown(2, 3);
    expect(several?.mimeType).toBe('application/zip');
    const [manifest, ...frames] = unzip(several?.data ?? new Uint8Array());
    expect(JSON.parse(new TextDecoder().decode(manifest?.bytes))).toMatchObject({ frameCount: 2 });
    expect(frames.map(({ bytes }) => bytes)).toEqual([picture(2).data, picture(3).data]);
    await call.end();
    expect((await call.stored()).map(aboutOf).sort()).toEqual([
      'file of user',
      'file of user',
      'turnComplete',
      'turnComplete',
    ]);
  });

  it('C7 saves only the audio of the model when it is interrupted, and that of the user at the end', async () => {
    const call = await conversation(saving);
    await speakAndAnswer(call);
    call.model.send(interrupted());
    const cut = await call.event({ content: { parts: [{ fileData: {} }] } });
    expect(cut.author).toBe('greeter');
    expect(call.eventsWith({ interrupted: true })).toHaveLength(1);
    expect(await call.artifacts.listArtifactKeys(call.key)).toHaveLength(1);
    const { sound } = await recordingOf(call, cut);
    expect([sound.length, sound[0], sound.at(-1)]).toEqual([2 * 1_920, 3, 4]);
    expect(call.eventsWith({ author: 'user' })).toEqual([]);
    call.model.send(turnComplete());
    const kept = await call.event({ author: 'user', content: { parts: [{ fileData: {} }] } });
    expect((await recordingOf(call, kept)).sound).toHaveLength(2 * 3_200);
    await call.end();
    expect(await call.artifacts.listArtifactKeys(call.key)).toHaveLength(2);
    expect((await call.stored()).map(aboutOf).filter((about) => about.startsWith('file'))).toEqual([
      'file of greeter',
      'file of user',
    ]);
  });

  it('C8 keeps no audio of the user in memory without saveLiveBlob', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const usedBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    /** Speaks for two minutes into a run of its own; answers by how much more memory is in use then. */
    const growthAfterSpeech = async (saveLiveBlob: boolean): Promise<() => number> => {
      const call = await conversation({
        runConfig: { saveLiveBlob },
        key: { sessionId: String(saveLiveBlob) },
      });
      const before = usedBytes();
      for (let i = 0; i < 120; i++) {
        call.queue.sendRealtime(microphone(1_000, i));
        await call.model.received(i + 1);
      }
      return () => usedBytes() - before;
    };
    const spokenBytes = 120 * microphone(1_000).data.length;
    const kept = await growthAfterSpeech(true);
    expect(kept()).toBeGreaterThan(spokenBytes / 2);
    const notKept = await growthAfterSpeech(false);
    // What is garbage is given back a little later than it is collected.
    await until(
      'memory to be given back',
      () => notKept() < spokenBytes / 5,
      () => `${notKept()} bytes`,
    );
  });

  it('C9 saves audio as WAV files of the right rate, found by their addresses', async () => {
    const call = await conversation(saving);
    await speakAndAnswer(call);
    call.model.send(turnComplete());
    const user = await recordingOf(
      call,
      await call.event({ author: 'user', content: { parts: [{ fileData: {} }] } }),
    );
    const model = await recordingOf(
      call,
      await call.event({ author: 'greeter', content: { parts: [{ fileData: {} }] } }),
    );
    expect(user).toMatchObject({ rate: 16_000 });
    expect([user.sound.length, user.sound[0], user.sound.at(-1)]).toEqual([2 * 3_200, 1, 2]);
    expect(model).toMatchObject({ rate: 24_000 });
    expect([model.sound.length, model.sound[0], model.sound.at(-1)]).toEqual([2 * 1_920, 3, 4]);
  });

  it("C10 stores no temp: state, and shares user: and app: state with the user's other sessions", async () => {
    const sessions = new InMemorySessionService();
    const call = await conversation({ sessions });
    const stateDelta = { 'temp:a': 1, 'user:b': 2, 'app:c': 3, d: 4 };
    call.queue.send({ kind: 'state', stateDelta });
    call.queue.sendContent({ parts: [{ text: 'done' }] });
    await call.end();
    expect(JSON.stringify(await call.stored())).not.toContain('temp:');
    expect(await call.state()).toEqual({ 'user:b': 2, 'app:c': 3, d: 4 });
    const other = { ...KEY, sessionId: 'other' };
    await sessions.createSession(other);
    expect(await call.state(other)).toEqual({ 'user:b': 2, 'app:c': 3 });
    const stranger = { ...KEY, userId: 'bob', sessionId: 'of bob' };
    await sessions.createSession(stranger);
    expect(await call.state(stranger)).toEqual({ 'app:c': 3 });
  });

  it('C11 refuses a second run of a session that has one, and takes it afterwards', async () => {
    const call = await conversation();
    const second = await conversation({ beside: call });
    await second.over();
    expect(second.failure).toEqual(failure('session_busy'));
    call.model.send(text('Still here.'), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    const third = await conversation({ beside: call });
    expect(third.ready).toBe(true);
  });

  it('C12 cuts the stored transcript to what was played, and marks it as interrupted', async () => {
    const call = await conversation();
    call.queue.send({ kind: 'playback', turn: 1, playedMs: 0 });
    for (const words of ['one two', ' three four', ' five six', ' seven eight', ' nine ten'])
      call.model.send(caption(words), voice(400));
    await call.event({ outputTranscription: { text: ' nine ten' } });
    call.queue.send({ kind: 'playback', turn: 1, playedMs: 1_200 });
    call.model.send(interrupted(), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    const [kept] = (await call.stored()).filter((event) => event.outputTranscription);
    expect(kept).toMatchObject({ interrupted: true, outputTranscription: { finished: true } });
    const words = kept?.outputTranscription?.text ?? '';
    expect('one two three four five six seven').toContain(words.trim());
    expect(words).toMatch(/^one two three/);
  });

  it('C12 marks the stored transcript as interrupted also where the client reports no playback', async () => {
    const call = await conversation();
    call.model.send(caption('one two three'), voice(400), interrupted(), turnComplete());
    await call.event({ turnComplete: true });
    call.model.send(caption('four'), voice(400), generationComplete(), turnComplete());
    await call.until('two ends of turns', () => call.eventsWith({ turnComplete: true }).length === 2);
    await call.end();
    const [kept, whole] = (await call.stored()).filter((event) => event.outputTranscription);
    expect(kept).toMatchObject({ interrupted: true, outputTranscription: { text: 'one two three' } });
    expect(whole?.outputTranscription?.text).toBe('four');
    expect(whole?.interrupted).toBeUndefined();
  });
});
