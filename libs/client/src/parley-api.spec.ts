import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ParleyApi } from './parley-api.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

async function apiAt(answer: (request: IncomingMessage, body: string) => Answer): Promise<ParleyApi> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { status = 200, headers = {}, body } = answer(request, text);
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new ParleyApi({ baseUrl: `http://127.0.0.1:${port}`, apiKey: 'parley_test_1' });
}

describe('ParleyApi', () => {
  it('lists agents with whatever they tell about themselves', async () => {
    const api = await apiAt((request) => ({
      body: {
        agents: [
          {
            name: request.headers.authorization,
            description: 'd',
            tools: ['look', { name: 'book' }],
            emulated: true,
          },
          {},
        ],
      },
    }));
    expect(await api.listAgents()).toEqual([
      {
        name: 'Bearer parley_test_1',
        description: 'd',
        modalities: [],
        tools: [
          { name: 'look', description: '' },
          { name: 'book', description: '' },
        ],
        emulated: true,
      },
      { name: '', description: '', modalities: [], tools: [], emulated: false },
    ]);
  });

  it('asks for a call and makes the addresses absolute', async () => {
    const api = await apiAt((_request, body) => ({
      status: 201,
      body: {
        ...(JSON.parse(body) as object),
        sessionId: 's',
        clientToken: 't',
        urls: { webSocket: '/v1/live' },
      },
    }));
    const grant = await api.createSession({ agent: 'a', userId: 'u', sessionId: 's' });
    expect(grant).toMatchObject({ sessionId: 's', agent: 'a', userId: 'u', clientToken: 't' });
    expect(grant.urls.webSocket).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v1\/live$/);
    expect(grant.urls.socketIo).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/live$/);
  });

  it('rejects with the problem that the server describes', async () => {
    const api = await apiAt(() => ({
      status: 503,
      headers: { 'retry-after': '2' },
      body: { code: 'capacity_exhausted', title: 'No room', detail: 'All workers are busy.' },
    }));
    await expect(api.listAgents()).rejects.toMatchObject({
      code: 'capacity_exhausted',
      message: 'All workers are busy.',
      retryable: true,
      retryAfterMs: 2_000,
    });
  });

  it('makes do with the status of an answer that it cannot read', async () => {
    const api = await apiAt(() => ({ status: 401, body: '<html>' }));
    await expect(api.listAgents()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('says where no server answers', async () => {
    const api = new ParleyApi({ baseUrl: 'http://127.0.0.1:9', apiKey: 'k' });
    await expect(api.listAgents()).rejects.toThrow('http://127.0.0.1:9');
  });
});
