import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { functionCallsOf, functionResponsesOf, type Event } from '@parley/event';
import { GeminiLiveModel, GeminiLlm, type GeminiProvider } from '@parley/gemini';
import { FunctionTool, InMemorySessionService, LiveRequestQueue, LlmAgent, Runner } from '@parley/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.js';

const KEY = { tenantId: 't', appName: 'guide', userId: 'ada', sessionId: 's' };

const agent = new LlmAgent({
  name: 'guide',
  instruction: 'You are a guide. Use get_weather for questions about the weather.',
  tools: [
    new FunctionTool({
      name: 'get_weather',
      description: 'Tells the weather.',
      execute: () => ({ sky: 'sunny', temperatureCelsius: 21 }),
    }),
  ],
});

describe('one agent, one session, both modes', () => {
  let emulator: RunningEmulator;
  let runner: Runner;
  const sessions = new InMemorySessionService();

  beforeAll(async () => {
    emulator = await startEmulator();
    const provider: GeminiProvider = { kind: 'emulated', baseUrl: emulator.url };
    runner = new Runner({
      agent,
      model: new GeminiLiveModel({ provider }),
      llm: new GeminiLlm({ provider }),
      sessions,
    });
  });
  afterAll(() => emulator.close());

  async function ask(text: string, streamingMode: 'SSE' | 'NONE'): Promise<readonly Event[]> {
    const events: Event[] = [];
    const newMessage = { role: 'user', parts: [{ text }] } as const;
    for await (const event of runner.runAsync({ key: KEY, newMessage, runConfig: { streamingMode } })) {
      events.push(event);
    }
    return events;
  }

  it('talks live, then answers by message with deltas and whole, and remembers across', async () => {
    const queue = new LiveRequestQueue();
    const live: Event[] = [];
    const talking = (async () => {
      for await (const event of runner.runLive({ key: KEY, queue })) live.push(event);
    })();
    queue.sendContent({ role: 'user', parts: [{ text: 'My name is Ada.' }] });
    await until('the spoken answer', () => live.some((event) => event.turnComplete), 20_000);
    queue.close();
    await talking;

    const streamed = await ask('What is the weather?', 'SSE');
    const deltas = streamed.filter((event) => event.partial === true && event.content);
    const whole = streamed.findLast((event) => event.partial !== true && event.content?.parts[0]?.text);
    expect(streamed.flatMap(functionCallsOf).map(({ name }) => name)).toEqual(['get_weather']);
    expect(streamed.flatMap(functionResponsesOf)[0]?.response).toMatchObject({ sky: 'sunny' });
    expect(deltas.length).toBeGreaterThan(0);
    expect(whole?.content?.parts[0]?.text).toContain('sunny');

    const answered = await ask('What is my name?', 'NONE');
    expect(answered.some((event) => event.partial === true)).toBe(false);
    expect(JSON.stringify(answered)).toContain('Ada');
    const stored = (await sessions.getSession(KEY))?.events ?? [];
    expect(stored.filter((event) => event.author === 'user').length).toBeGreaterThanOrEqual(3);
  });
});
