import {
  ApiError,
  FunctionCallingConfigMode,
  GoogleGenAI,
  Modality,
  Type,
  type GenerateContentResponse,
} from '@google/genai';
import { readWatermark } from '@parley-testing/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';

const MODEL = 'gemini-2.5-flash';
const WEATHER = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'Tells the weather of a city.',
      parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
    },
  ],
};

let emulator: RunningEmulator;
beforeAll(async () => {
  emulator = await startEmulator({
    behaviour: { thinkMs: 0, thinkJitterMs: 0, discloses: false },
    scenarios: {
      pieces: {
        pace: 'burst',
        rules: [
          { when: { turn: 2 }, do: [{ text: 'the second turn' }] },
          {
            when: { textMatch: 'pieces' },
            do: [
              { think: 'Hm.' },
              {
                content: { parts: [{ text: 'one ' }, { executableCode: { code: '1', language: 'PYTHON' } }] },
              },
              { text: 'two' },
              { grounding: { webSearchQueries: ['q'] } },
              { usage: { totalTokenCount: 99 } },
            ],
          },
          {
            when: { textMatch: 'quota' },
            do: [{ close: { code: 1011, reason: 'You exceeded your current quota.' } }],
          },
          { when: { textMatch: 'break' }, do: [{ text: 'now' }, { wait: 20 }, { drop: true }] },
          {
            when: { textMatch: 'fail' },
            do: [{ text: 'now' }, { close: { code: 1011, reason: 'Internal.' } }],
          },
          {
            when: { textMatch: 'raw' },
            do: [{ send: { candidates: [], promptFeedback: { blockReason: 'SAFETY' } } }],
          },
          { when: { toolResult: 'get_weather' }, do: [{ text: 'told: {{result.output}}' }] },
        ],
      },
      exact: {
        exact: true,
        rules: [{ when: { textMatch: 'x' }, do: [{ text: 'y' }, { waitFor: { toolResult: true } }] }],
      },
    },
  });
});
afterAll(() => emulator.close());

function client(scenario = 'default', vertexai = false): GoogleGenAI {
  const baseUrl = `${emulator.url}/s/${scenario}`;
  return new GoogleGenAI({
    apiKey: 'k',
    vertexai,
    apiVersion: vertexai ? 'v1beta1' : 'v1beta',
    httpOptions: { baseUrl },
  });
}

async function collect(stream: AsyncGenerator<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly GenerateContentResponse[]): string =>
  chunks
    .flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
    .map(({ text }) => text ?? '')
    .join('');
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(emulator.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('generateContent', () => {
  it('answers in one piece, with a reason to finish and usage', async () => {
    const answer = await client().models.generateContent({
      model: MODEL,
      contents: 'What is twelve plus thirty?',
    });
    expect(answer.text).toBe('12 plus 30 is 42.');
    expect(answer.candidates?.[0]).toMatchObject({ finishReason: 'STOP', content: { role: 'model' } });
    expect(answer.modelVersion).toBe(MODEL);
    const { promptTokenCount = 0, candidatesTokenCount = 0, totalTokenCount } = answer.usageMetadata ?? {};
    expect(candidatesTokenCount).toBeGreaterThan(0);
    expect(totalTokenCount).toBe(promptTokenCount + candidatesTokenCount);
  });

  it('streams several pieces, the last of which finishes', async () => {
    const chunks = await collect(
      await client().models.generateContentStream({
        model: MODEL,
        contents: 'Repeat after me: one two three four five six seven eight nine',
      }),
    );
    expect(chunks.length).toBeGreaterThan(2);
    expect(textOf(chunks)).toBe('One two three four five six seven eight nine.');
    expect(chunks.map(({ candidates }) => candidates?.[0]?.finishReason).filter(Boolean)).toEqual(['STOP']);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  });

  it('remembers what the contents tell, as a chat does', async () => {
    const chat = client().chats.create({ model: MODEL });
    await chat.sendMessage({ message: 'My name is Alice.' });
    expect((await chat.sendMessage({ message: 'What is my name?' })).text).toContain('Your name is Alice.');
    expect(chat.getHistory()).toHaveLength(4);
  });

  it.each([
    ['Gemini', false],
    ['Vertex', true],
  ])('calls functions and speaks their answers, on %s', async (_, vertexai) => {
    const ai = client('default', vertexai);
    const contents = [{ role: 'user', parts: [{ text: 'What is the weather in Paris?' }] }];
    const chunks = await collect(
      await ai.models.generateContentStream({ model: MODEL, contents, config: { tools: [WEATHER] } }),
    );
    const [call] = chunks.flatMap(({ functionCalls }) => functionCalls ?? []);
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Paris' } });
    const answer = await ai.models.generateContent({
      model: MODEL,
      config: { tools: [WEATHER] },
      contents: [
        ...contents,
        { role: 'model', parts: [{ functionCall: call ?? {} }] },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'get_weather', response: { output: 'It is sunny in Paris.' } } },
          ],
        },
      ],
    });
    expect(answer.text).toBe('It is sunny in Paris.');
  });

  it('calls none where that is forbidden, and some where it is demanded', async () => {
    const ask = (mode: FunctionCallingConfigMode, contents: string) =>
      client().models.generateContent({
        model: MODEL,
        contents,
        config: { tools: [WEATHER], toolConfig: { functionCallingConfig: { mode } } },
      });
    const none = await ask(FunctionCallingConfigMode.NONE, 'What is the weather in Paris?');
    expect(none.functionCalls).toBeUndefined();
    const any = await ask(FunctionCallingConfigMode.ANY, 'Hello from Rome');
    expect(any.functionCalls).toMatchObject([{ name: 'get_weather', args: { city: 'Rome' } }]);
  });

  it('answers by a schema, and speaks where audio is asked for', async () => {
    const responseSchema = {
      type: Type.OBJECT,
      properties: { city: { type: Type.STRING } },
      required: ['city'],
    };
    const json = await client().models.generateContent({
      model: MODEL,
      contents: 'I would go to a place in Rome',
      config: { responseMimeType: 'application/json', responseSchema },
    });
    expect(JSON.parse(json.text ?? '')).toEqual({ city: 'Rome' });
    const spoken = await client().models.generateContent({
      model: MODEL,
      contents: 'Say good morning',
      config: { responseModalities: [Modality.AUDIO] },
    });
    const parts = spoken.candidates?.[0]?.content?.parts ?? [];
    const pcm = Buffer.concat(parts.map(({ inlineData }) => Buffer.from(inlineData?.data ?? '', 'base64')));
    expect(readWatermark(pcm)).toMatch(/^Good morning/);
  });

  it('counts tokens', async () => {
    expect((await client().models.countTokens({ model: MODEL, contents: 'abcdefgh' })).totalTokens).toBe(2);
  });
});

describe('a scenario', () => {
  it('plays in generated content as in a live session', async () => {
    const whole = await client('pieces').models.generateContent({ model: MODEL, contents: 'in pieces' });
    expect(whole.candidates?.[0]).toMatchObject({
      content: {
        parts: [
          { text: 'Hm.', thought: true },
          { text: 'one ' },
          { executableCode: { code: '1' } },
          { text: 'two' },
        ],
      },
      groundingMetadata: { webSearchQueries: ['q'] },
    });
    expect(whole.usageMetadata).toEqual({ totalTokenCount: 99 });
    const chunks = await collect(
      await client('pieces').models.generateContentStream({ model: MODEL, contents: 'in pieces' }),
    );
    expect(chunks).toHaveLength(4);
  });

  it('counts the turns of the contents, and hears what tools answered', async () => {
    const chat = client('pieces').chats.create({ model: MODEL });
    await chat.sendMessage({ message: 'Hello' });
    expect((await chat.sendMessage({ message: 'Hello' })).text).toBe('the second turn');
    const answer = await client('pieces').models.generateContent({
      model: MODEL,
      contents: [
        { role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { output: 'dry' } } }] },
      ],
    });
    expect(answer.text).toBe('told: dry');
  });

  it('refuses, breaks off and sends what it likes', async () => {
    const ask = (contents: string) =>
      client('pieces').models.generateContentStream({ model: MODEL, contents });
    const refused = await ask('quota').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({
      status: 429,
      message: expect.stringContaining('RESOURCE_EXHAUSTED') as string,
    });
    await expect(ask('break').then(collect)).rejects.toThrow();
    await expect(ask('fail').then(collect)).rejects.toThrow();
    expect((await collect(await ask('raw')))[0]?.promptFeedback).toEqual({ blockReason: 'SAFETY' });
  });

  it('says nothing where an exact one has no rule, and ends where it would wait', async () => {
    const ask = (contents: string) => client('exact').models.generateContent({ model: MODEL, contents });
    expect((await ask('nothing')).text).toBe('');
    expect((await ask('x')).text).toBe('y');
  });

  it('is chosen by header or by a mark in the instruction, too', async () => {
    const body = { contents: [{ parts: [{ text: 'x' }] }] };
    const target = `/v1beta/models/${MODEL}:generateContent`;
    const byHeader = await fetch(emulator.url + target, {
      method: 'POST',
      headers: { 'x-emu-scenario': 'exact' },
      body: JSON.stringify(body),
    });
    expect(await byHeader.text()).toContain('"y"');
    const marked = await post(target, { ...body, system_instruction: { parts: [{ text: 'emu:exact' }] } });
    expect(await marked.text()).toContain('"y"');
  });
});

describe('the API beside it', () => {
  it('lists and describes models', async () => {
    const models = [];
    for await (const model of await client().models.list()) models.push(model.name);
    expect(models).toContain('models/gemini-3.8-live');
    const live = await client().models.get({ model: 'gemini-3.8-live' });
    expect(live.supportedActions).toEqual(['bidiGenerateContent']);
    expect((await client('default', true).models.get({ model: MODEL })).name).toBe(
      `publishers/google/models/${MODEL}`,
    );
  });

  it('grows a JSON array where no events are asked for', async () => {
    const answer = await post(`/v1beta/models/${MODEL}:streamGenerateContent`, {
      contents: { parts: { text: 'Say one two three four five six' } },
    });
    const chunks = (await answer.json()) as GenerateContentResponse[];
    expect(textOf(chunks)).toContain('One two three');
  });

  it.each([
    ['unknown models', `/v1beta/models/nonsense:generateContent`, {}, 404, 'NOT_FOUND'],
    ['live models that do not write', `/v1beta/models/gemini-3.8-live:generateContent`, {}, 404, 'NOT_FOUND'],
    [
      'unknown methods',
      `/v1beta/models/${MODEL}:predict`,
      { contents: [{ parts: [{ text: 'a' }] }] },
      404,
      'NOT_FOUND',
    ],
    ['missing contents', `/v1beta/models/${MODEL}:generateContent`, {}, 400, 'INVALID_ARGUMENT'],
    ['what is no JSON', `/v1beta/models/${MODEL}:generateContent`, '{', 400, 'INVALID_ARGUMENT'],
    [
      'fields of a wrong type',
      `/v1beta/models/${MODEL}:generateContent`,
      { contents: 'a' },
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'unknown scenarios',
      `/s/none/v1beta/models/${MODEL}:generateContent`,
      { contents: [{ parts: [] }] },
      404,
      'NOT_FOUND',
    ],
    [
      'times that are past',
      '/v1beta/auth_tokens',
      { expireTime: '2020-01-01T00:00:00Z' },
      400,
      'INVALID_ARGUMENT',
    ],
  ])('refuses %s in the form of Google', async (_, path, body, code, status) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(code);
    expect(await answer.json()).toMatchObject({
      error: { code, status, message: expect.any(String) as string },
    });
  });

  it('leaves other paths to others', async () => {
    expect((await fetch(`${emulator.url}/v9/models`)).status).toBe(404);
    expect((await fetch(`${emulator.url}/v1beta/models/x`, { method: 'DELETE' })).status).toBe(404);
  });
});
