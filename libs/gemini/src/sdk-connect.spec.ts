import { createServer } from 'node:net';
import { ManualClock } from '@parley-testing/kernel';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import type { LiveConnectConfig } from '@parley/live';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GeminiLiveModel } from './gemini-live-model.js';
import { FakeLiveServer, type FakeLiveServerOptions } from './testing/fake-live-server.js';
import { listenOnLoopback, unusedPort } from './testing/loopback-port.js';

const CONFIG: LiveConnectConfig = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] };

/** Every row of the table of what the SDK does alone: hang for ever, or end the process. */
describe('connecting', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  beforeEach(() => {
    process.on('unhandledRejection', note);
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0)).toEqual([]);
  });

  async function serve(options: FakeLiveServerOptions = {}): Promise<FakeLiveServer> {
    const server = await FakeLiveServer.start(options);
    cleanUps.push(() => server.close());
    return server;
  }

  function modelAt(baseUrl: string, clock: Clock = systemClock): GeminiLiveModel {
    return new GeminiLiveModel({ provider: { kind: 'gemini', apiKey: 'AIzaSecret', baseUrl }, clock });
  }

  async function refusal(connecting: Promise<unknown>): Promise<ParleyError> {
    const error: unknown = await connecting.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ParleyError)) throw new Error(`not refused with a ParleyError: ${String(error)}`);
    expect(JSON.stringify([error.message, error.details])).not.toContain('AIzaSecret');
    return error;
  }

  async function expectNoSocket(server: FakeLiveServer): Promise<void> {
    await vi.waitFor(() => expect(server.openSockets).toBe(0));
  }

  it('opens a session, on the address and with the set-up that Google expects', async () => {
    const server = await serve();
    const connection = await modelAt(server.baseUrl).connect(CONFIG);
    expect(server.requests[0]?.url).toBe(
      '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=AIzaSecret',
    );
    expect(server.peer.extensions).toBe('');
    expect(server.peer.setup).toEqual({
      model: 'models/gemini-3.8-live',
      generationConfig: { responseModalities: ['AUDIO'] },
      sessionResumption: {},
    });
    connection.close();
    await expectNoSocket(server);
    expect(server.peer.closeCode).toBe(1000);
  });

  it('opens a session on Vertex and names it', async () => {
    const server = await serve({ onSetup: (peer) => peer.send({ setupComplete: { sessionId: 'vs-1' } }) });
    const model = new GeminiLiveModel({
      provider: {
        kind: 'vertex',
        project: 'p-1',
        location: 'europe-west4',
        apiKey: 'express-key',
        baseUrl: `${server.baseUrl}/proxy`,
      },
    });
    const connection = await model.connect({ ...CONFIG, sessionResumption: { transparent: true } });
    expect(connection.liveSessionId).toBe('vs-1');
    const request = server.requests[0];
    expect(request?.url).toBe('/proxy/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent');
    expect(request?.headers['x-goog-api-key']).toBe('express-key');
    expect(server.peer.setup).toMatchObject({
      model: 'projects/p-1/locations/europe-west4/publishers/google/models/gemini-3.8-live',
      sessionResumption: { transparent: true },
    });
    connection.close();
    await expectNoSocket(server);
  });

  it('merges into the set-up what the SDK drops', async () => {
    const server = await serve();
    const history = [{ role: 'user' as const, parts: [{ text: 'earlier' }] }];
    const connection = await modelAt(server.baseUrl).connect({ ...CONFIG, history: () => history });
    expect(server.peer.setup).toMatchObject({
      model: 'models/gemini-3.8-live',
      historyConfig: { initialHistoryInClientContent: true },
    });
    connection.close();
  });

  it('rejects when nobody listens', async () => {
    const error = await refusal(modelAt(`http://127.0.0.1:${await unusedPort()}`).connect(CONFIG));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
    expect(error.details['reason']).toContain('ECONNREFUSED');
  });

  it.each([
    [401, '', {}, 'provider_config', 'unauthenticated', false],
    [403, 'PERMISSION_DENIED', {}, 'provider_config', 'permission_denied', false],
    [404, '', {}, 'provider_config', 'not_found', false],
    [429, 'RESOURCE_EXHAUSTED', { 'retry-after': '7' }, 'provider_quota', 'resource_exhausted', true],
    [503, 'UNAVAILABLE', {}, 'provider_unavailable', 'unavailable', true],
  ])(
    'keeps the status of an upgrade refused with %i',
    async (status, word, headers, code, kind, retryable) => {
      const message = 'asked with key=AIzaSecret';
      const body = word ? JSON.stringify({ error: { code: status, message, status: word } }) : '<html>';
      const server = await serve({ upgrade: { status, body, headers } });
      const error = await refusal(modelAt(server.baseUrl).connect(CONFIG));
      expect(error).toMatchObject({ code, kind, retryable, details: { httpStatus: status } });
      expect(error.details['reason']).toBe(word ? `${word}: asked with key=***` : `HTTP ${status}`);
      expect(error.retryAfterMs).toBe(status === 429 ? 7_000 : undefined);
      await expectNoSocket(server);
    },
  );

  it('does not wait for the rest of a refusal', async () => {
    const clock = new ManualClock();
    const server = await serve({ upgrade: { status: 503, body: 'half a', stalled: true } });
    const connecting = refusal(modelAt(server.baseUrl, clock).connect(CONFIG));
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    await vi.waitFor(async () => {
      await clock.advance(100);
      expect(server.openSockets).toBe(0);
    });
    expect(await connecting).toMatchObject({ code: 'provider_unavailable', details: { httpStatus: 503 } });
  });

  it.each([
    ['upgrade', { upgrade: 'silent' }],
    ['setup', { onSetup: () => undefined }],
  ] as const)('gives up after ten seconds without an answer to the %s', async (stage, options) => {
    const clock = new ManualClock();
    let asked = false;
    const server = await serve({
      ...options,
      ...(stage === 'setup' ? { onSetup: () => void (asked = true) } : {}),
    });
    const connecting = refusal(modelAt(server.baseUrl, clock).connect(CONFIG));
    await vi.waitFor(() => expect(stage === 'setup' ? asked : server.requests.length > 0).toBe(true));
    await clock.advance(9_999);
    expect(server.openSockets).toBe(1);
    await clock.advance(1);
    expect(await connecting).toMatchObject({
      code: 'provider_unavailable',
      kind: 'deadline_exceeded',
      retryable: true,
      details: { stage },
    });
    await expectNoSocket(server);
  });

  it.each([
    [1007, 'API key not valid. Please pass a valid API key.', 'provider_config', false],
    [1008, 'models/x is not found for API version v1beta', 'provider_config', false],
    [1011, 'The service is currently unavailable.', 'provider_unavailable', true],
    [1011, 'You exceeded your current quota', 'provider_quota', false],
  ])(
    'rejects when the server closes with %i %j before the set-up',
    async (closeCode, reason, code, retryable) => {
      const server = await serve({ onSetup: (peer) => peer.close(closeCode, reason) });
      const error = await refusal(modelAt(server.baseUrl).connect(CONFIG));
      expect(error).toMatchObject({ code, retryable, details: { closeCode, reason } });
      await expectNoSocket(server);
    },
  );

  it.each(['{"setupComplete":', 'null', '[]', '7', '"setupComplete"'])(
    'rejects when the answer to the set-up is %s',
    async (frame) => {
      const server = await serve({ onSetup: (peer) => peer.sendRaw(frame) });
      const model = modelAt(server.baseUrl);
      const error = await refusal(model.connect(CONFIG));
      expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
      expect(model.counters.protocolErrors).toBe(1);
      await expectNoSocket(server);
    },
  );

  it('rejects when the server speaks before it is asked', async () => {
    const server = await serve({ onOpen: (peer) => peer.send({ setupComplete: {} }) });
    const error = await refusal(modelAt(server.baseUrl).connect(CONFIG));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
    await expectNoSocket(server);
  });

  it('skips what comes between the set-up and its acceptance', async () => {
    const server = await serve({
      onSetup: (peer) => {
        peer.send({ serverContent: { turnComplete: true } });
        peer.send({ setupComplete: {} });
      },
    });
    const model = modelAt(server.baseUrl);
    const connection = await model.connect(CONFIG);
    expect(model.counters.protocolErrors).toBe(1);
    connection.close();
  });

  it.each([
    ['in the upgrade', { upgrade: 'reset' }],
    ['before the set-up is accepted', { onSetup: (peer) => peer.reset() }],
  ] as const satisfies readonly (readonly [string, FakeLiveServerOptions])[])(
    'rejects when TCP is reset %s',
    async (_when, options) => {
      const server = await serve(options);
      const error = await refusal(modelAt(server.baseUrl).connect(CONFIG));
      expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
      await expectNoSocket(server);
    },
  );

  it('rejects when what answers is not HTTP', async () => {
    const server = createServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH\r\n'));
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    const error = await refusal(
      modelAt(`http://127.0.0.1:${await listenOnLoopback(server)}`).connect(CONFIG),
    );
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
  });

  it.each([
    ['before it starts', undefined],
    ['while the upgrade is open', { upgrade: 'silent' }],
    ['while the set-up is open', { onSetup: () => undefined }],
  ] as const)('ends at once when the caller goes %s', async (_when, options) => {
    const server = await serve(options);
    const caller = new AbortController();
    if (!options) caller.abort();
    const connecting = refusal(modelAt(server.baseUrl).connect(CONFIG, caller.signal));
    if (options) await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    caller.abort();
    expect(await connecting).toMatchObject({ code: 'provider_unavailable', details: { cancelled: true } });
    await expectNoSocket(server);
    expect(server.requests).toHaveLength(options ? 1 : 0);
  });

  it('does not dial when credentials can not be had', async () => {
    const server = await serve();
    const model = new GeminiLiveModel({
      provider: {
        kind: 'vertex',
        project: 'p-1',
        location: 'global',
        keyFile: '/nonexistent/key.json',
        baseUrl: server.baseUrl,
      },
    });
    const error = await refusal(model.connect(CONFIG));
    expect(error).toMatchObject({ code: 'provider_config', details: { stage: 'credentials' } });
    expect(server.requests).toEqual([]);
  });

  it('opens no socket for a set-up that the model would refuse', async () => {
    const server = await serve();
    const error = await refusal(modelAt(server.baseUrl).connect({ ...CONFIG, enableAffectiveDialog: true }));
    expect(error).toMatchObject({ code: 'provider_config', details: { field: 'enableAffectiveDialog' } });
    expect(server.openSockets).toBe(0);
    expect(server.requests).toEqual([]);
  });

  it('keeps concurrent attempts apart', async () => {
    let order = 0;
    const server = await serve({
      onSetup: (peer) => {
        order += 1;
        if (order % 2 === 0) peer.close(1011, 'Internal error encountered.');
        else peer.send({ setupComplete: { sessionId: `s-${order}` } });
      },
    });
    const model = modelAt(server.baseUrl);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => model.connect(CONFIG)));
    const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(new Set(opened.map((connection) => connection.liveSessionId)).size).toBe(10);
    for (const connection of opened) connection.close();
    await expectNoSocket(server);
  });
});
