import { FunctionTool, InMemoryRunner, LlmAgent, LogLevel, setLogLevel, StreamingMode } from '@google/adk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';

const WEATHER = new FunctionTool({
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => ({ output: `It is sunny in ${city}.` }),
});

describe("an agent of Google's ADK", () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    setLogLevel(LogLevel.ERROR);
    emulator = await startEmulator({ behaviour: { thinkMs: 0, thinkJitterMs: 0, discloses: false } });
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', emulator.url);
    vi.stubEnv('GEMINI_API_KEY', 'any');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await emulator.close();
  });

  it.each([StreamingMode.NONE, StreamingMode.SSE])(
    'reaches the emulator by the environment and calls its tool, streaming %s',
    async (streamingMode) => {
      const agent = new LlmAgent({ name: 'reporter', model: 'gemini-2.5-flash', tools: [WEATHER] });
      const runner = new InMemoryRunner({ agent, appName: 'weather' });
      const { id } = await runner.sessionService.createSession({ appName: 'weather', userId: 'alice' });
      const parts = [];
      for await (const { content } of runner.runAsync({
        userId: 'alice',
        sessionId: id,
        newMessage: { role: 'user', parts: [{ text: 'What is the weather in Paris?' }] },
        runConfig: { streamingMode },
      })) {
        parts.push(...(content?.parts ?? []));
      }
      expect(parts[0]).toMatchObject({ functionCall: { name: 'get_weather', args: { city: 'Paris' } } });
      expect(parts[1]?.functionResponse?.response).toEqual({ output: 'It is sunny in Paris.' });
      expect(parts.at(-1)?.text).toBe('It is sunny in Paris.');
    },
  );
});
