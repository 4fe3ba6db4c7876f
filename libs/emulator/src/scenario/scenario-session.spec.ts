import { LiveWireClient, livePathFor, readWatermark, speech } from '@parley-testing/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../server/emulator-options.js';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';
import type { ScenarioInput } from './scenario.js';

const running: RunningEmulator[] = [];
const clients: LiveWireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

interface Opening {
  readonly setup?: object;
  readonly path?: string;
  readonly options?: EmulatorOptions;
}

/** A client whose session plays these rules, after its setupComplete. */
async function play(
  rules: ScenarioInput['rules'],
  { setup, path, options }: Opening = {},
): Promise<LiveWireClient> {
  const emulator = await startEmulator({ ...options, scenarios: { exact: { exact: true, rules } } });
  running.push(emulator);
  const client = await LiveWireClient.connect(emulator.url, path ?? livePathFor('exact'));
  clients.push(client);
  client.send({ setup: { model: 'models/gemini-3.8-live', ...setup } });
  await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
  return client;
}

const write = (client: LiveWireClient, text: string) => client.send({ realtimeInput: { text } });
const ended = ({ serverContent }: { serverContent?: { turnComplete?: true } }) =>
  serverContent?.turnComplete === true;
const textsOf = (client: LiveWireClient): string[] =>
  client.messages.flatMap(({ serverContent }) =>
    (serverContent?.modelTurn?.parts ?? []).flatMap((part) => ('text' in part ? [part.text] : [])),
  );

describe('an exact scenario', () => {
  it('sends exactly the messages that the first rule that holds says', async () => {
    const client = await play([
      { when: { turn: 2 }, do: [{ text: 'second' }, { turnComplete: true }] },
      { when: { textMatch: 'weather|rain' }, do: [{ text: 'dry' }, { generationComplete: true }] },
      { when: { input: true }, do: [{ text: 'anything' }] },
    ]);
    write(client, 'Will it RAIN?');
    write(client, 'And the weather?');
    write(client, 'Ah');
    await client.waitFor(() => textsOf(client).includes('anything'));
    expect(client.messages.slice(1)).toEqual([
      { serverContent: { modelTurn: { parts: [{ text: 'dry' }] } } },
      { serverContent: { generationComplete: true } },
      { serverContent: { modelTurn: { parts: [{ text: 'second' }] } } },
      { serverContent: { turnComplete: true } },
      { serverContent: { modelTurn: { parts: [{ text: 'anything' }] } } },
    ]);
  });

  it('makes a round trip through tools: calls in one message, answers waited for in any order', async () => {
    const client = await play([
      {
        when: { turn: 1 },
        do: [
          {
            toolCall: [
              { id: 'a', name: 'get_weather', args: { city: '{{said}}' } },
              { id: 'b', name: 'get_time' },
            ],
          },
          { waitFor: { toolResult: 'get_weather' } },
          { text: '{{result.output}}' },
          { waitFor: { toolResult: 'get_time' } },
          { text: 'at {{result.output}}' },
          { turnComplete: true },
        ],
      },
    ]);
    write(client, 'Paris');
    const { toolCall } = await client.waitFor((message) => message.toolCall !== undefined);
    expect(toolCall?.functionCalls).toEqual([
      { id: 'a', name: 'get_weather', args: { city: 'Paris' } },
      { id: 'b', name: 'get_time', args: {} },
    ]);
    const answer = (id: string, name: string, output: string) =>
      client.send({ toolResponse: { functionResponses: [{ id, name, response: { output } }] } });
    answer('b', 'get_time', 'noon');
    answer('a', 'get_weather', 'sunny');
    await client.waitFor(ended);
    expect(textsOf(client)).toEqual(['sunny', 'at noon']);
  });

  it('reacts to a tool by its name and to what it answered', async () => {
    const client = await play([
      { when: { toolResult: { name: 'book', match: { error: 'full' } } }, do: [{ text: 'no room' }] },
      { when: { toolResult: 'book' }, do: [{ text: 'booked {{result.id}}' }] },
    ]);
    for (const response of [{ error: 'full' }, { id: 7 }]) {
      client.send({ toolResponse: { functionResponses: [{ id: '1', name: 'book', response }] } });
    }
    await client.waitFor(() => textsOf(client).length === 2);
    expect(textsOf(client)).toEqual(['no room', 'booked 7']);
  });

  it('reacts to the begin, to timers, to audio, to pictures and to any message', async () => {
    const client = await play([
      { when: { start: true }, do: [{ text: 'start' }] },
      { when: { timer: 30 }, do: [{ text: 'timer' }] },
      { when: { audioMs: 250 }, do: [{ text: 'audio' }] },
      { when: { video: 2 }, do: [{ text: 'picture' }] },
      { when: { message: { realtimeInput: { audioStreamEnd: true } } }, do: [{ text: 'pause' }] },
    ]);
    await client.waitFor(() => textsOf(client).includes('timer'));
    const audio = { data: Buffer.alloc(3_200).toString('base64'), mimeType: 'audio/pcm;rate=16000' };
    for (let i = 0; i < 5; i++) client.send({ realtimeInput: { audio } });
    for (let i = 0; i < 3; i++)
      client.send({ realtimeInput: { video: { data: '', mimeType: 'image/jpeg' } } });
    client.send({ realtimeInput: { audioStreamEnd: true } });
    await client.waitFor(() => textsOf(client).includes('pause'));
    expect(textsOf(client)).toEqual(['start', 'timer', 'audio', 'picture', 'pause']);
  });

  it('hears when the user begins to speak and what they said', async () => {
    const client = await play([
      { when: { speechStart: true }, do: [{ voiceActivity: 'ACTIVITY_START' }] },
      { when: { textMatch: 'plus' }, do: [{ text: 'heard: {{said}}' }] },
    ]);
    const pcm = speech('What is twelve plus thirty?', { leadMs: 200, tailMs: 1_000 });
    const data = Buffer.from(pcm).toString('base64');
    client.send({ realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } });
    await client.waitFor(() => textsOf(client).length === 1);
    expect(client.messages[1]).toEqual({ voiceActivity: { type: 'ACTIVITY_START' } });
    expect(textsOf(client)).toEqual(['heard: What is twelve plus thirty?']);
  });

  it('speaks at once and with captions where the setup wants them, and adds nothing', async () => {
    const client = await play(
      [{ when: { start: true }, do: [{ say: 'One two three.' }, { usage: { totalTokenCount: 1 } }] }],
      {
        setup: { outputAudioTranscription: {} },
      },
    );
    await client.waitFor(({ usageMetadata }) => usageMetadata !== undefined);
    const contents = client.messages.slice(1, -1).map(({ serverContent }) => serverContent);
    const parts = contents.flatMap((content) => content?.modelTurn?.parts ?? []);
    const audio = parts.map((part) =>
      'inlineData' in part ? Buffer.from(part.inlineData.data, 'base64') : Buffer.alloc(0),
    );
    expect(readWatermark(Buffer.concat(audio))).toBe('One two three.');
    expect(contents.map((content) => content?.outputTranscription?.text ?? '').join('')).toBe(
      'One two three.',
    );
    expect(contents.some((content) => content?.turnComplete ?? content?.generationComplete)).toBe(false);
  });

  it('writes where the setup wants text', async () => {
    const client = await play(
      [{ when: { start: true }, do: [{ say: 'One two three four five.' }, { turnComplete: true }] }],
      {
        setup: { generationConfig: { responseModalities: ['TEXT'] } },
      },
    );
    await client.waitFor(ended);
    expect(textsOf(client).join('')).toBe('One two three four five.');
  });

  it('lets a rule cut in on what still plays, and keeps a rule from firing more often than it may', async () => {
    const client = await play([
      { when: { turn: 1 }, do: [{ text: 'a' }, { wait: 20_000 }, { text: 'never' }] },
      { when: { input: true }, times: 1, cutsIn: true, do: [{ interrupted: { turnComplete: true } }] },
      { when: { input: true }, do: [{ text: 'later' }] },
    ]);
    for (const text of ['1', '2', '3']) write(client, text);
    await client.waitFor(() => textsOf(client).includes('later'));
    expect(client.messages.slice(1)).toEqual([
      { serverContent: { modelTurn: { parts: [{ text: 'a' }] } } },
      { serverContent: { interrupted: true, turnComplete: true } },
      { serverContent: { modelTurn: { parts: [{ text: 'later' }] } } },
    ]);
  });

  it('duplicates, reorders and repeats messages, and holds them back', async () => {
    const client = await play([
      {
        when: { start: true },
        do: [
          { turnComplete: true },
          { duplicate: true },
          { reorder: [{ text: 'first' }, { text: 'second' }] },
          { stall: 30 },
          { repeat: { times: 2, do: [{ text: 'again' }] } },
          { usage: { totalTokenCount: 1 } },
        ],
      },
    ]);
    await client.waitFor(({ usageMetadata }) => usageMetadata !== undefined);
    expect(client.messages.slice(1, 3)).toEqual([
      { serverContent: { turnComplete: true } },
      { serverContent: { turnComplete: true } },
    ]);
    expect(textsOf(client)).toEqual(['second', 'first', 'again', 'again']);
  });

  it('sends what is no JSON, closes with any code, and breaks the connection', async () => {
    const closing = await play([{ when: { turn: 1 }, do: [{ close: { code: 1008, reason: 'Gone.' } }] }]);
    write(closing, 'x');
    expect(await closing.closed).toEqual({ code: 1008, reason: 'Gone.' });
    const breaking = await play([{ when: { turn: 1 }, do: [{ sendText: '{"odd":  1}' }, { drop: true }] }]);
    write(breaking, 'x');
    expect((await breaking.closed).code).toBe(1006);
  });

  it('fires by a seeded chance: the same in every session of a seed', async () => {
    const outcomes = [];
    for (let run = 0; run < 2; run++) {
      const emulator = await startEmulator({
        scenarios: {
          dice: {
            exact: true,
            seed: 7,
            rules: [
              { when: { input: true }, chance: 0.5, do: [{ text: 'heads' }] },
              { when: { input: true }, do: [{ text: 'tails' }] },
            ],
          },
        },
      });
      running.push(emulator);
      const client = await LiveWireClient.connect(emulator.url, livePathFor('dice'));
      clients.push(client);
      client.send({ setup: { model: 'models/x' } });
      for (let i = 0; i < 20; i++) write(client, String(i));
      await client.waitFor(() => textsOf(client).length === 20);
      outcomes.push(textsOf(client));
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(new Set(outcomes[0])).toEqual(new Set(['heads', 'tails']));
  });
});

describe('a scenario is chosen', () => {
  const rules: ScenarioInput['rules'] = [{ when: { start: true }, do: [{ text: 'scripted' }] }];

  it('by a mark in the system instruction', async () => {
    const client = await play(rules, {
      path: livePathFor('default'),
      setup: { systemInstruction: { parts: [{ text: 'Be kind. emu:exact' }] } },
    });
    await client.waitFor(() => textsOf(client).length === 1);
    expect(running[0]?.sessions()[0]?.scenario).toBe('exact');
  });

  it('by a header', async () => {
    const client = await play(rules);
    client.close();
    const emulator = running[0];
    if (!emulator) throw new Error('no emulator');
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(
      emulator.url.replace('http', 'ws') + livePathFor('default').replace('/s/default', ''),
      {
        headers: { 'x-emu-scenario': 'exact' },
      },
    );
    await new Promise((resolve) => socket.once('open', resolve));
    expect(emulator.sessions().at(-1)?.scenario).toBe('exact');
    socket.terminate();
  });

  it('or refused when there is none of that name', async () => {
    const client = await play(rules);
    client.close();
    const other = await LiveWireClient.connect(running[0]?.url ?? '', livePathFor('default'));
    clients.push(other);
    other.send({
      setup: { model: 'models/gemini-3.8-live', systemInstruction: { parts: [{ text: 'emu:nowhere' }] } },
    });
    expect(await other.closed).toEqual({ code: 1007, reason: 'The emulator has no scenario "nowhere".' });
  });

  it('and refused at the start when it is not valid', async () => {
    const bad = { bad: { rules: [{ name: 'oops', when: { turn: 0 }, do: [] }] } };
    await expect(startEmulator({ scenarios: bad })).rejects.toThrow(
      'Scenario "bad" is not valid.\nrule 1 "oops", when.turn',
    );
  });
});
