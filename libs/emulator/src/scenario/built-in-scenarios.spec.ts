import { fileURLToPath } from 'node:url';
import { LiveWireClient, livePathFor } from '@parley-testing/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';
import { BUILT_IN_SCENARIOS } from './built-in-scenarios.js';
import { readScenarioFolder } from './scenario-folder.js';

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));
const FAST = { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 50 } as const;

let emulator: RunningEmulator;
const clients: LiveWireClient[] = [];
beforeAll(async () => {
  emulator = await startEmulator({ behaviour: FAST });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => emulator.close());

async function call(scenario: string, tools: readonly object[] = []): Promise<LiveWireClient> {
  const client = await LiveWireClient.connect(emulator.url, livePathFor(scenario));
  clients.push(client);
  const setup = { model: 'models/gemini-3.8-live', outputAudioTranscription: {}, tools };
  client.send({ setup });
  await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
  return client;
}

const write = (client: LiveWireClient, text: string) => client.send({ realtimeInput: { text } });
const saidIn = ({ messages }: LiveWireClient): string =>
  messages.map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '').join('');
const untilTurns = (client: LiveWireClient, turns: number) =>
  client.waitFor(
    () => client.messages.filter(({ serverContent }) => serverContent?.turnComplete).length === turns,
  );
const untilSaid = (client: LiveWireClient, words: string) =>
  client.waitFor(() => saidIn(client).includes(words));

describe('the library of scenarios', () => {
  it('is valid, described, and built into every emulator', () => {
    const ofFolder = readScenarioFolder(FOLDER);
    expect(Object.keys(ofFolder)).toHaveLength(6);
    expect(BUILT_IN_SCENARIOS).toMatchObject(ofFolder);
    for (const { description } of Object.values(ofFolder)) expect(description).toMatch(/\.$/);
  });

  it('weather-tool calls for the city that was named and tells the answer', async () => {
    const client = await call('weather-tool', [
      { functionDeclarations: [{ name: 'get_weather', behavior: 'BLOCKING' }] },
    ]);
    write(client, 'Will it rain?');
    await untilSaid(client, 'For which city?');
    write(client, 'Will it rain in Lisbon today?');
    const { toolCall } = await client.waitFor((message) => message.toolCall !== undefined);
    expect(toolCall?.functionCalls).toMatchObject([{ name: 'get_weather', args: { city: 'Lisbon' } }]);
    const id = toolCall?.functionCalls[0]?.id;
    client.send({
      toolResponse: {
        functionResponses: [{ id, name: 'get_weather', response: { output: 'Dry in Lisbon.' } }],
      },
    });
    await untilSaid(client, 'Dry in Lisbon.');
  });

  it('slow-tools keeps talking, and tells each answer when it comes', async () => {
    const names = ['search_flights', 'search_hotels'];
    const client = await call('slow-tools', [{ functionDeclarations: names.map((name) => ({ name })) }]);
    write(client, 'Plan a trip to Rome');
    const { toolCall } = await client.waitFor((message) => message.toolCall !== undefined);
    await untilTurns(client, 1);
    for (const { id, name } of toolCall?.functionCalls.toReversed() ?? []) {
      client.send({
        toolResponse: { functionResponses: [{ id, name, response: { output: `Found by ${name}.` } }] },
      });
    }
    await untilSaid(client, 'About the hotels: Found by search_hotels.');
    write(client, 'Thanks');
  });

  it('barge-in stops when it is spoken to', async () => {
    const client = await call('barge-in');
    write(client, 'Go');
    await client.waitFor(({ serverContent }) => serverContent?.modelTurn !== undefined);
    write(client, 'Wait');
    await untilSaid(client, 'Yes? I stopped as soon as I heard you.');
    write(client, 'Fine');
    await untilSaid(client, 'You said: Fine. That makes 3 turns.');
  });

  it('long-story thinks, and goes on after its pauses', async () => {
    const client = await call('long-story');
    write(client, 'Tell me a story');
    await untilSaid(client, 'the end of the story.');
    const parts = client.messages.flatMap(({ serverContent }) => serverContent?.modelTurn?.parts ?? []);
    expect(parts[0]).toEqual({ text: 'A story in three parts will do.', thought: true });
  });

  it('silence stays silent, and flaky breaks off in its second turn', async () => {
    const silent = await call('silence');
    write(silent, 'Anyone?');
    const flaky = await call('flaky');
    write(flaky, 'Hello');
    await untilTurns(flaky, 1);
    write(flaky, 'Hello again');
    expect((await flaky.closed).code).toBe(1006);
    expect(saidIn(flaky)).toContain('And this is where the line');
    expect(silent.messages).toHaveLength(1);
  });
});
