import type { LlmRequest, LlmResponse } from '@parley/live';
import { ManualClock } from '@parley-testing/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { GeminiLlm, type GeminiLlmOptions } from './gemini-llm.js';
import { FakeGenerateServer, type GenerateAnswer } from './testing/fake-generate-server.js';
import { unusedPort } from './testing/loopback-port.js';

const servers: FakeGenerateServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function answering(...answers: GenerateAnswer[]): Promise<FakeGenerateServer> {
  const server = await new FakeGenerateServer(...answers).start();
  servers.push(server);
  return server;
}

function llmAt(
  { baseUrl }: { readonly baseUrl: string },
  options: Partial<GeminiLlmOptions> = {},
): GeminiLlm {
  return new GeminiLlm({
    provider: { kind: 'gemini', apiKey: 'AIzaSecretSecretSecretSecret', baseUrl },
    ...options,
  });
}

const request: LlmRequest = {
  model: 'gemini-3.5-flash',
  contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
};

async function all(responses: AsyncGenerator<LlmResponse>): Promise<LlmResponse[]> {
  const list: LlmResponse[] = [];
  for await (const response of responses) list.push(response);
  return list;
}

function piece(parts: readonly unknown[], more: object = {}, top: object = {}): unknown {
  return { candidates: [{ content: { role: 'model', parts }, ...more }], ...top };
}

const STOP = { finishReason: 'STOP' };
const USAGE = { usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 } };

describe('GeminiLlm', () => {
  it.each([
    [undefined, 'gemini-3.5-flash'],
    ['gemini-3.8-live', 'gemini-3.5-flash'],
    ['gemini-2.5-flash-native-audio-preview-12-2025', 'gemini-3.5-flash'],
    ['gemini-3.1-pro', 'gemini-3.1-pro'],
  ])('answers for an agent that names %s with %s', (asked, model) => {
    expect(llmAt({ baseUrl: 'http://127.0.0.1:9' }).modelFor(asked)).toBe(model);
  });

  it('takes the model for agents that name none from its options', () => {
    expect(llmAt({ baseUrl: 'http://127.0.0.1:9' }, { llmModel: 'gemini-x' }).modelFor()).toBe('gemini-x');
  });

  it('gives one whole answer with its usage when nothing is streamed', async () => {
    const server = await answering({
      json: piece([{ text: 'a' }, { text: 'b' }], STOP, { ...USAGE, modelVersion: 'v1' }),
    });
    expect(await all(llmAt(server).generateContent(request, { stream: false }))).toEqual([
      {
        content: { role: 'model', parts: [{ text: 'ab' }] },
        finishReason: 'STOP',
        modelVersion: 'v1',
        partial: false,
        usageMetadata: {
          promptTokenCount: 4,
          candidatesTokenCount: 3,
          responseTokenCount: 3,
          totalTokenCount: 7,
        },
      },
    ]);
    expect(server.calls[0]?.path).toBe('/v1beta/models/gemini-3.5-flash:generateContent');
  });

  it('writes instruction, tools, parameters and the conversation as the API takes them', async () => {
    const server = await answering({ json: piece([{ text: 'ok' }], STOP) });
    const parametersJsonSchema = { type: 'object', properties: { city: { type: 'string' } } };
    await all(
      llmAt(server).generateContent(
        {
          ...request,
          contents: [
            {
              role: 'user',
              parts: [
                { text: 'look' },
                { inlineData: { mimeType: 'image/png', data: Uint8Array.of(1, 2, 3) } },
              ],
            },
            { role: 'model', parts: [{ functionCall: { id: 'adk-1', name: 'f', args: { city: 'Ulm' } } }] },
            {
              role: 'user',
              parts: [{ functionResponse: { id: 'adk-1', name: 'f', response: { ok: true } } }],
            },
          ],
          systemInstruction: 'Be brief.',
          tools: [{ name: 'f', description: 'd', parametersJsonSchema }],
          builtInTools: [{ googleSearch: {} }],
          config: {
            temperature: 0.3,
            thinkingConfig: { thinkingLevel: 'LOW' },
            safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
            speechConfig: { languageCode: 'de-DE' },
          },
        },
        { stream: false },
      ),
    );
    expect(server.calls[0]?.body).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'look' }, { inlineData: { mimeType: 'image/png', data: 'AQID' } }] },
        {
          role: 'model',
          parts: [
            {
              functionCall: { name: 'f', args: { city: 'Ulm' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
          ],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { ok: true } } }] },
      ],
      systemInstruction: { role: 'system', parts: [{ text: 'Be brief.' }] },
      tools: [
        { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema }] },
        { googleSearch: {} },
      ],
      generationConfig: { temperature: 0.3, thinkingConfig: { thinkingLevel: 'LOW' } },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    });
  });

  it('tells words as they come, and then the whole with thoughts, answer and calls in their places', async () => {
    const call = { functionCall: { id: 'c1', name: 'f', args: { a: 1 } }, thoughtSignature: 'c2ln' };
    const server = await answering({
      events: [
        piece([{ text: 'I th', thought: true }]),
        piece([{ text: 'ink', thought: true }, { text: 'He' }]),
        piece([{ text: 'llo' }]),
        piece([call]),
        piece([{ text: '' }], STOP, USAGE),
      ],
    });
    const responses = await all(llmAt(server).generateContent(request, { stream: true }));
    expect(server.calls[0]?.path).toBe('/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse');
    expect(responses.slice(0, -1).map(({ partial, content }) => [partial, content?.parts])).toEqual([
      [true, [{ text: 'I th', thought: true }]],
      [true, [{ text: 'ink', thought: true }, { text: 'He' }]],
      [true, [{ text: 'llo' }]],
    ]);
    expect(responses.at(-1)).toMatchObject({
      partial: false,
      finishReason: 'STOP',
      usageMetadata: { totalTokenCount: 7 },
      content: { parts: [{ text: 'I think', thought: true }, { text: 'Hello' }, call] },
    });
  });

  it('sends a signature back with the part that it came with', async () => {
    const signed = { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'c2ln' };
    const server = await answering({ json: piece([signed], STOP) }, { json: piece([{ text: 'ok' }], STOP) });
    const llm = llmAt(server);
    const [first] = await all(llm.generateContent(request, { stream: false }));
    const contents = [...request.contents, ...(first?.content ? [first.content] : [])];
    await all(llm.generateContent({ ...request, contents }, { stream: false }));
    expect(server.calls[1]?.body['contents']).toMatchObject([{}, { role: 'model', parts: [signed] }]);
  });

  it('says why the model would not answer', async () => {
    const server = await answering(
      { json: { promptFeedback: { blockReason: 'SAFETY' } } },
      { events: [piece([{ text: 'Once' }]), piece([], { finishReason: 'MAX_TOKENS' })] },
      { json: {} },
    );
    const llm = llmAt(server);
    expect(await all(llm.generateContent(request, { stream: false }))).toMatchObject([
      { errorCode: 'SAFETY' },
    ]);
    expect((await all(llm.generateContent(request, { stream: true }))).at(-1)).toMatchObject({
      content: { parts: [{ text: 'Once' }] },
      errorCode: 'MAX_TOKENS',
      finishReason: 'MAX_TOKENS',
    });
    expect(await all(llm.generateContent(request, { stream: false }))).toMatchObject([
      { errorCode: 'UNKNOWN_ERROR' },
    ]);
  });

  const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' };
  it.each([
    [
      429,
      { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded', details: [retryInfo] },
      'provider_quota',
      true,
      30_000,
    ],
    [
      403,
      { status: 'PERMISSION_DENIED', message: 'API key key=AIzaSecretSecretSecretSecret' },
      'provider_config',
      false,
      undefined,
    ],
    [
      404,
      { status: 'NOT_FOUND', message: 'models/x is not found for API version v1beta' },
      'provider_config',
      false,
      undefined,
    ],
    [
      503,
      { status: 'UNAVAILABLE', message: 'The model is overloaded.' },
      'provider_unavailable',
      true,
      undefined,
    ],
  ])(
    'makes HTTP %s an error of ours, without secrets',
    async (status, error, code, retryable, retryAfterMs) => {
      const server = await answering({ json: { error: { code: status, ...error } }, status });
      const thrown: unknown = await all(llmAt(server).generateContent(request, { stream: true })).catch(
        (e: unknown) => e,
      );
      expect(thrown).toMatchObject({ code, retryable, retryAfterMs, details: { httpStatus: status } });
      expect(JSON.stringify(thrown)).not.toContain('AIza');
    },
  );

  it('makes an error in the middle of a stream an error of ours', async () => {
    const error = { code: 500, status: 'INTERNAL', message: 'An internal error has occurred.' };
    const server = await answering({ events: [piece([{ text: 'Once' }]), { error }] });
    const responses = llmAt(server).generateContent(request, { stream: true });
    await expect(all(responses)).rejects.toMatchObject({ code: 'provider_unavailable', retryable: true });
  });

  it('says that nobody is there', async () => {
    const llm = llmAt({ baseUrl: `http://127.0.0.1:${await unusedPort()}` });
    await expect(all(llm.generateContent(request, { stream: false }))).rejects.toMatchObject({
      code: 'provider_unavailable',
      retryable: true,
    });
  });

  it('gives up on a model that says nothing, and lets go of it', async () => {
    const server = await answering('silence');
    const clock = new ManualClock();
    const answer = all(llmAt(server, { clock, timeoutMs: 5_000 }).generateContent(request, { stream: true }));
    const refused = expect(answer).rejects.toMatchObject({
      code: 'provider_unavailable',
      kind: 'deadline_exceeded',
    });
    await expect.poll(() => server.calls.length).toBe(1);
    await clock.advance(5_000);
    await refused;
    await expect.poll(() => server.calls[0]?.closed).toBe(true);
  });

  it('ends at once when the caller goes, before and in the middle', async () => {
    const server = await answering({ events: [piece([{ text: 'Once' }])], open: true });
    const cancelled = { code: 'provider_unavailable', details: { cancelled: true } };
    const gone = llmAt(server).generateContent(request, { stream: true, signal: AbortSignal.abort() });
    await expect(all(gone)).rejects.toMatchObject(cancelled);
    const abort = new AbortController();
    const responses = llmAt(server).generateContent(request, { stream: true, signal: abort.signal });
    expect((await responses.next()).value).toMatchObject({ partial: true });
    const next = responses.next();
    abort.abort();
    await expect(next).rejects.toMatchObject(cancelled);
    await expect.poll(() => server.calls.at(-1)?.closed).toBe(true);
    expect(server.calls).toHaveLength(1);
  });

  it('ends when the caller has gone between two pieces', async () => {
    const server = await answering({ events: [piece([{ text: 'Once' }])], open: true });
    const abort = new AbortController();
    const responses = llmAt(server).generateContent(request, { stream: true, signal: abort.signal });
    expect((await responses.next()).value).toMatchObject({ partial: true });
    abort.abort();
    await expect(responses.next()).rejects.toMatchObject({ details: { cancelled: true } });
    await expect.poll(() => server.calls[0]?.closed).toBe(true);
  });

  it('lets go of the model when the reader stops', async () => {
    const server = await answering({ events: [piece([{ text: 'Once' }])], open: true });
    for await (const _first of llmAt(server).generateContent(request, { stream: true })) break;
    await expect.poll(() => server.calls[0]?.closed).toBe(true);
  });

  it('refuses what can be no model', async () => {
    const llm = llmAt({ baseUrl: 'http://127.0.0.1:9' });
    await expect(
      all(llm.generateContent({ ...request, model: 'a?b' }, { stream: false })),
    ).rejects.toMatchObject({
      code: 'provider_config',
    });
  });
});
