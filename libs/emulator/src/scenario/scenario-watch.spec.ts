import { LiveWireClient, livePathFor, speech } from '@parley-testing/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';
import type { ScenarioInput } from './scenario.js';

const FAST = { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20, discloses: false } as const;
const TOOLS = [
  { functionDeclarations: [{ name: 'get_weather', behavior: 'BLOCKING' }, { name: 'watch_stock' }] },
];

const running: RunningEmulator[] = [];
const clients: LiveWireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

async function play(scenario: ScenarioInput, setup: object = {}): Promise<LiveWireClient> {
  const emulator = await startEmulator({ behaviour: FAST, scenarios: { demo: scenario } });
  running.push(emulator);
  const client = await LiveWireClient.connect(emulator.url, livePathFor('demo'));
  clients.push(client);
  client.send({
    setup: { model: 'models/gemini-3.8-live', outputAudioTranscription: {}, tools: TOOLS, ...setup },
  });
  await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
  return client;
}

const write = (client: LiveWireClient, text: string) => client.send({ realtimeInput: { text } });
const turnsOf = ({ messages }: LiveWireClient): number =>
  messages.filter(({ serverContent }) => serverContent?.turnComplete).length;
const untilTurns = (client: LiveWireClient, turns: number) => client.waitFor(() => turnsOf(client) === turns);
const saidIn = ({ messages }: LiveWireClient): string =>
  messages.map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '').join('');
const kindsOf = ({ messages }: LiveWireClient): string[] => {
  const kinds = messages.flatMap(({ serverContent = {}, toolCall, toolCallCancellation }) => [
    ...(toolCall ? ['toolCall'] : []),
    ...(toolCallCancellation ? ['toolCallCancellation'] : []),
    ...Object.keys(serverContent).filter((field) => field !== 'outputTranscription'),
  ]);
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
};

describe('a scenario that is not exact', () => {
  it('says its words in whole turns of the model, and leaves the rest to the brain', async () => {
    const client = await play({
      rules: [
        { when: { textMatch: 'menu' }, do: [{ say: 'We have soup.' }, { wait: 10 }, { say: 'And bread.' }] },
      ],
    });
    write(client, 'What is on the menu?');
    await untilTurns(client, 1);
    expect(saidIn(client)).toBe('We have soup.And bread.');
    expect(kindsOf(client)).toEqual(['modelTurn', 'generationComplete', 'turnComplete']);
    expect(client.messages.at(-1)?.usageMetadata?.responseTokenCount).toBeGreaterThan(0);
    write(client, 'What is two plus two?');
    await untilTurns(client, 2);
    expect(saidIn(client)).toContain('2 plus 2 is 4.');
    write(client, 'What did you say first?');
    await untilTurns(client, 3);
  });

  it('is answered by speech as by text', async () => {
    const client = await play({ rules: [{ when: { textMatch: 'hours' }, do: [{ say: 'Nine to five.' }] }] });
    const pcm = speech('What are your hours?', { leadMs: 200, tailMs: 1_000 });
    const data = Buffer.from(pcm).toString('base64');
    client.send({ realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } });
    await untilTurns(client, 1);
    expect(saidIn(client)).toBe('Nine to five.');
  });

  it('is cut short by the user as any turn is', async () => {
    const client = await play({
      behaviour: { speed: 2 },
      rules: [
        { when: { turn: 1 }, do: [{ say: 'A long story. '.repeat(40) }, { text: 'never' }] },
        { when: { turn: 2 }, do: [{ say: 'Sure.' }] },
      ],
    });
    write(client, 'Tell me a story');
    await client.waitFor(({ serverContent }) => serverContent?.modelTurn !== undefined);
    write(client, 'Stop');
    await untilTurns(client, 2);
    expect(kindsOf(client)).toEqual([
      'modelTurn',
      'interrupted',
      'turnComplete',
      'modelTurn',
      'generationComplete',
      'turnComplete',
    ]);
    expect(saidIn(client)).toMatch(/Sure\.$/);
    expect(JSON.stringify(client.messages)).not.toContain('never');
  });

  it('waits in its turn for a blocking tool, and speaks what it answered', async () => {
    const client = await play({
      rules: [
        {
          when: { textMatch: 'weather' },
          do: [
            { say: 'Let me look.' },
            { toolCall: { id: 'call-1', name: 'get_weather', args: { city: 'Rome' } } },
          ],
        },
        { when: { toolResult: 'get_weather' }, do: [{ say: 'It is {{result.sky}} in Rome.' }] },
      ],
    });
    write(client, 'How is the weather?');
    await client.waitFor(({ toolCall }) => toolCall?.functionCalls[0]?.id === 'call-1');
    const functionResponses = [{ id: 'call-1', name: 'get_weather', response: { sky: 'clear' } }];
    client.send({ toolResponse: { functionResponses } });
    await untilTurns(client, 1);
    expect(saidIn(client)).toBe('Let me look.It is clear in Rome.');
    expect(kindsOf(client)).toEqual([
      'modelTurn',
      'toolCall',
      'modelTurn',
      'generationComplete',
      'turnComplete',
    ]);
  });

  it('goes on while a tool that does not block works, also when it answers before the script is over', async () => {
    const client = await play({
      rules: [
        {
          when: { turn: 1 },
          do: [{ toolCall: { id: '1', name: 'watch_stock' } }, { wait: 50 }, { say: 'I am watching.' }],
        },
        { when: { toolResult: 'watch_stock' }, do: [{ say: 'It rose.' }] },
      ],
    });
    write(client, 'Watch it');
    await client.waitFor(({ toolCall }) => toolCall !== undefined);
    client.send({
      toolResponse: { functionResponses: [{ id: '1', name: 'watch_stock', response: { up: true } }] },
    });
    await untilTurns(client, 2);
    expect(saidIn(client)).toBe('I am watching.It rose.');
  });

  it('begins turns by itself, and acts beside the running one', async () => {
    const client = await play({
      rules: [
        { when: { start: true }, do: [{ say: 'Welcome!' }] },
        {
          when: { timer: 100 },
          do: [{ goAway: 5_000 }, { wait: 20 }, { close: { code: 1011, reason: 'Over.' } }],
        },
      ],
    });
    expect(await client.closed).toEqual({ code: 1011, reason: 'Over.' });
    expect(saidIn(client)).toBe('Welcome!');
    expect(client.messages.filter(({ goAway }) => goAway)).toEqual([{ goAway: { timeLeft: '5s' } }]);
  });

  it('keeps a message that a rule takes from the session', async () => {
    const client = await play({
      rules: [
        { when: { message: { realtimeInput: { text: 'psst' } } }, do: [{ usage: { totalTokenCount: 7 } }] },
      ],
    });
    write(client, 'psst');
    await client.waitFor(({ usageMetadata }) => usageMetadata?.totalTokenCount === 7);
    write(client, 'Hello');
    await untilTurns(client, 1);
    expect(client.messages[1]).toEqual({ usageMetadata: { totalTokenCount: 7 } });
  });

  it('sends all of a turn at once in bursts, and ends it at once', async () => {
    const client = await play({
      pace: 'burst',
      behaviour: { silenceDurationMs: 300 },
      rules: [{ when: { turn: 1 }, do: [{ say: 'One two three four five six seven eight. '.repeat(20) }] }],
    });
    const beganAt = performance.now();
    write(client, 'Go');
    await untilTurns(client, 1);
    // at its pace this is more than half a minute of speech
    expect(performance.now() - beganAt).toBeLessThan(5_000);
  });
});
