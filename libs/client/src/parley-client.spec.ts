import { ManualClock } from '@parley-testing/kernel';
import { decodeFrame, FRAME_CODEC, FRAME_KIND, parseClientMessage } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import type { LiveEvents } from './live-events.js';
import { ParleyClient } from './parley-client.js';
import { MemoryTransport, READY } from './testing/index.js';

type Told = { [Name in keyof LiveEvents]: [Name, LiveEvents[Name]] }[keyof LiveEvents];

const NAMES = [
  'ready',
  'event',
  'caption',
  'audio',
  'interrupted',
  'turnComplete',
  'toolCall',
  'toolResponse',
  'toolCancelled',
  'speaking',
  'latency',
  'firstAudio',
  'inputDropped',
  'goAway',
  'error',
  'closed',
] as const satisfies readonly (keyof LiveEvents)[];

function makeCall() {
  const clock = new ManualClock();
  const line = new MemoryTransport();
  const client = new ParleyClient({ transport: line, token: 'secret', clock });
  const told: Told[] = [];
  for (const name of NAMES) client.on(name, (payload) => told.push([name, payload] as Told));
  const all = <Name extends keyof LiveEvents>(name: Name): LiveEvents[Name][] =>
    told.filter((entry) => entry[0] === name).map((entry) => entry[1] as LiveEvents[Name]);
  return { clock, line, client, told, all };
}

async function liveCall() {
  const call = makeCall();
  const ready = call.client.connect();
  call.line.accept();
  call.line.say(READY);
  await ready;
  call.line.sent.length = 0;
  return call;
}

describe('opening a call', () => {
  it('says hello first, and nothing else before the agent is ready', async () => {
    const { client, line, all } = makeCall();
    const ready = client.connect();
    line.accept();
    client.sendAudio(new Uint8Array(3_200));
    client.interrupt();
    expect(client.sendText('too early')).toBe(false);
    expect(line.sent).toEqual([{ type: 'hello', v: 1, token: 'secret' }]);
    line.say(READY);
    await expect(ready).resolves.toEqual(READY);
    expect(all('ready')).toEqual([READY]);
    expect(client.live).toBe(true);
  });

  it('gives up when the agent does not get ready in time', async () => {
    const { client, line, clock, all } = makeCall();
    const ready = client.connect();
    const outcome = expect(ready).rejects.toMatchObject({ code: 'hello_timeout', retryable: true });
    line.accept();
    await clock.advance(15_000);
    await outcome;
    expect(line.closedWith?.code).toBe(1000);
    expect(all('closed')).toHaveLength(1);
  });

  it('rejects with the error that the server gave before it closed', async () => {
    const { client, line, all } = makeCall();
    const ready = client.connect();
    line.accept();
    line.sayAnything({ type: 'error', error: { code: 'token_expired', message: 'Old token.' } });
    line.hangUp(4401);
    await expect(ready).rejects.toMatchObject({ code: 'token_expired', message: 'Old token.' });
    expect(all('closed')[0]).toMatchObject({ code: 4401, reason: 'Old token.', canResume: false });
  });

  it('rejects with the reason of the line when nobody answers', async () => {
    const { client, line } = makeCall();
    const ready = client.connect();
    line.hangUp(1006, 'connect ECONNREFUSED');
    await expect(ready).rejects.toThrow('connect ECONNREFUSED');
  });
});

describe('what comes down', () => {
  it('tells an event before what it means, and an interruption before both', async () => {
    const { line, told } = await liveCall();
    told.length = 0;
    line.sayEvent(1, { interrupted: true, turnComplete: true });
    expect(told.map(([name]) => name)).toEqual(['interrupted', 'event', 'turnComplete']);
  });

  it('lets no audio of an interrupted turn through, and counts what comes late', async () => {
    const { client, line, all } = await liveCall();
    line.speak(1, 40);
    line.sayEvent(1, { interrupted: true });
    line.speak(1, 40);
    line.speak(0, 40);
    line.speak(2, 40);
    expect(all('audio').map(({ turn }) => turn)).toEqual([1, 2]);
    expect(client.stats.lateFrames).toBe(2);
    expect(all('interrupted')).toEqual([{ turn: 1, origin: 'server' }]);
  });

  it('silences its own interruption at once, and tells it once', async () => {
    const { client, line, all } = await liveCall();
    line.speak(1, 400);
    expect(client.interrupt()).toBe(true);
    line.speak(1, 40);
    line.sayEvent(1, { interrupted: true });
    expect(line.messages).toEqual([{ type: 'interrupt' }]);
    expect(all('audio')).toHaveLength(1);
    expect(all('interrupted')).toEqual([{ turn: 1, origin: 'local' }]);
    expect(client.stats).toMatchObject({ lateFrames: 0, mutedFrames: 1 });
    expect(client.speaking).toBe('listening');
  });

  it('takes no interruption of silence for one of the turn before', async () => {
    const { client, line, clock, all } = await liveCall();
    line.speak(1, 400);
    await clock.advance(1_000);
    client.interrupt();
    expect(line.messages).toEqual([{ type: 'interrupt' }]);
    expect(all('interrupted')).toEqual([]);
  });

  it('tells tool calls, their results and their cancellation', async () => {
    const { line, all } = await liveCall();
    const call = { id: 'c1', name: 'find_table', args: { people: 2 } };
    const response = { id: 'c1', name: 'find_table', response: { free: true } };
    line.sayEvent(1, { content: { parts: [{ functionCall: call }] }, longRunningToolIds: ['c1'] });
    line.sayEvent(1, { content: { parts: [{ functionResponse: response }] } });
    line.sayEvent(1, { cancelledToolCallIds: ['c2'] });
    expect(all('toolCall')).toEqual([{ turn: 1, call, longRunning: true }]);
    expect(all('toolResponse')).toEqual([{ turn: 1, response }]);
    expect(all('toolCancelled')).toEqual([{ turn: 1, ids: ['c2'] }]);
  });

  it('ignores what it does not know or cannot read, and counts it', async () => {
    const { client, line, told } = await liveCall();
    told.length = 0;
    line.sayAnything({ type: 'horoscope', text: 'Today…' });
    line.sayAnything('not an object');
    line.sayAnything({ type: 'event', seq: 'one', turn: 1, event: {} });
    line.sayAnything({ type: 'event', seq: 1, turn: 1, event: { author: 7 } });
    line.receiveFrame(new Uint8Array(3));
    expect(told).toEqual([]);
    expect(client.stats.ignored).toBe(5);
    expect(client.live).toBe(true);
  });

  it('ignores an event that it has seen, and counts holes in the numbers', async () => {
    const { client, line, all } = await liveCall();
    const event = { id: 'e', author: 'concierge', timestamp: 1 };
    for (const seq of [4, 4, 5, 8]) line.say({ type: 'event', seq, turn: 1, event });
    expect(all('event').map(({ seq }) => seq)).toEqual([4, 5, 8]);
    expect(client.stats.missingEvents).toBe(2);
  });

  it('measures the wait for the first audio of each turn from the end of the input', async () => {
    const { client, line, clock, all } = await liveCall();
    client.sendText('Hello');
    await clock.advance(700);
    line.speak(1, 40);
    line.speak(1, 40);
    expect(all('firstAudio')).toEqual([{ turn: 1, waitedMs: 700, trigger: 'text' }]);
  });
});

describe('what goes up', () => {
  it('cuts speech of any block size into frames of 40 ms that the server accepts', async () => {
    const { client, line } = await liveCall();
    client.sendAudio(new Int16Array(1_000));
    client.sendAudio(new Int16Array(1_000));
    client.audioStreamEnd();
    const frames = line.frames.map((bytes) => decodeFrame(bytes));
    expect(frames).toMatchObject([
      { kind: FRAME_KIND.mic, codec: FRAME_CODEC.pcm16at16k, seq: 0, tsMs: 0 },
      { seq: 1, tsMs: 40 },
      { seq: 2, tsMs: 80 },
      { seq: 3, tsMs: 120 },
    ]);
    expect(line.sent.at(-1)).toEqual({ type: 'audioStreamEnd' });
    expect(client.stats.sentAudioMs).toBe(125);
  });

  it('sends only messages that the server can read', async () => {
    const { client, line } = await liveCall();
    client.sendText('Hello', 'm1');
    client.activityStart();
    client.activityEnd();
    client.audioStreamEnd();
    client.interrupt();
    client.reportPlayback(1, 250);
    client.end();
    const read = line.messages.map((message) => parseClientMessage(JSON.stringify(message)).type);
    expect(read).toEqual([
      'text',
      'activityStart',
      'activityEnd',
      'audioStreamEnd',
      'interrupt',
      'playback',
      'end',
    ]);
  });

  it('makes a caption of what was typed', async () => {
    const { client, all } = await liveCall();
    client.sendText('Hello');
    expect(all('caption')).toMatchObject([{ speaker: 'user', text: 'Hello', final: true }]);
  });

  it('sends pictures as frames of their type', async () => {
    const { client, line } = await liveCall();
    client.sendImage(Uint8Array.of(1, 2, 3), 'image/webp');
    expect(line.frames.map((bytes) => decodeFrame(bytes))).toMatchObject([
      { kind: FRAME_KIND.video, codec: FRAME_CODEC.webp, payload: Uint8Array.of(1, 2, 3) },
    ]);
  });
});

describe('the end of a call', () => {
  it('is told once and last, and nothing is sent after it', async () => {
    const { client, line, told } = await liveCall();
    line.speak(1, 4_000);
    line.hangUp(1006);
    client.close();
    client.sendAudio(new Uint8Array(3_200));
    expect(client.sendText('anyone?')).toBe(false);
    expect(told.at(-1)).toEqual([
      'closed',
      { code: 1006, reason: '', error: undefined, ended: undefined, canResume: true },
    ]);
    expect(line.sent).toEqual([]);
  });

  it('waits a little for the server, then hangs up', async () => {
    const { client, line, clock, all } = await liveCall();
    client.end();
    expect(line.messages).toEqual([{ type: 'end' }]);
    await clock.advance(1_999);
    expect(client.live).toBe(true);
    await clock.advance(1);
    expect(all('closed')).toMatchObject([{ code: 1000, canResume: true }]);
  });

  it('takes the code of the last error where the transport has none', async () => {
    const { line, all } = await liveCall();
    const error = { type: 'quota', code: 'max_duration', message: 'Time is up.', retryable: false } as const;
    line.say({ type: 'error', error: { ...error, fatal: true } });
    line.hangUp(undefined, 'io server disconnect');
    expect(all('closed')).toMatchObject([{ code: 4440, reason: 'Time is up.', canResume: false }]);
  });

  it('knows by the close code whether the session can be called again', async () => {
    const verdicts = new Map<number, boolean>();
    for (const code of [1000, 1001, 4401, 4403, 4404, 4409, 4413, 4440, 4441, 4442, 4500, 4502, 4503]) {
      const { line, all } = await liveCall();
      line.hangUp(code);
      verdicts.set(code, all('closed')[0]?.canResume ?? false);
    }
    const resumable = [...verdicts].filter(([, can]) => can).map(([code]) => code);
    expect(resumable).toEqual([1000, 1001, 4413, 4500, 4502, 4503]);
  });

  it('notices a line that has gone dead, if the server used to answer', async () => {
    const { client, line, clock, all } = await liveCall();
    await clock.advance(5_000);
    expect(line.messages).toEqual([{ type: 'ping', t: 5_000 }]);
    await clock.advance(30);
    line.say({ type: 'pong', t: 5_000 });
    expect(client.stats.roundTripMs).toBe(30);
    await clock.advance(14_969);
    expect(all('closed')).toEqual([]);
    await clock.advance(1);
    expect(all('closed')).toMatchObject([{ code: 4408 }]);
  });

  it('keeps a quiet line to a server that answers no pings', async () => {
    const { client, clock } = await liveCall();
    await clock.advance(600_000);
    expect(client.live).toBe(true);
  });
});
