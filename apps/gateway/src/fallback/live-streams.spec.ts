import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { SseTransport as ClientSide, type TransportEnd } from '@parley/client';
import { decodeBase64, silentLog, systemClock } from '@parley/kernel';
import { boundPort, ParleyErrorFilter } from '@parley/nest';
import { encodeFrame, FRAME_CODEC, FRAME_KIND, type ClientMessageInput } from '@parley/wire';
import { turns, until } from '@parley-testing/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClientTransport } from '../live/client-transport.js';
import { LIVE_STREAMS } from '../tokens.js';
import { LiveStreamsController } from './live-streams.controller.js';
import { LiveStreams } from './live-streams.js';
import type { PostedItem } from './posted-items.js';

@Module({})
class TestModule {
  static of(streams: LiveStreams): DynamicModule {
    return {
      module: TestModule,
      controllers: [LiveStreamsController],
      providers: [{ provide: LIVE_STREAMS, useValue: streams }],
    };
  }
}

/** Plays what is above the transport: remembers what came, and says what it is told to. */
class Connections {
  readonly heard: string[] = [];
  closed = 0;
  last: ClientTransport | undefined;
  admits = true;

  admit(): boolean {
    return this.admits;
  }

  accept(transport: ClientTransport): never {
    this.last = transport;
    transport.listen({
      onText: (json) => this.heard.push(json),
      onBinary: (bytes) => this.heard.push(`${bytes.byteLength} bytes`),
      onClosed: () => (this.closed += 1),
    });
    return undefined as never;
  }
}

const FRAME = encodeFrame({
  kind: FRAME_KIND.model,
  codec: FRAME_CODEC.pcm16at24k,
  flags: 0,
  turn: 1,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(960),
});

const apps: INestApplication[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function serve(): Promise<{ url: string; connections: Connections; elsewhere: string[] }> {
  const connections = new Connections();
  const elsewhere: string[] = [];
  const writers = {
    post: async (token: string, items: readonly PostedItem[]) => {
      elsewhere.push(`${token}: ${items.length}`);
      return [{ type: 'pong' as const }];
    },
    close: () => undefined,
  };
  const streams = new LiveStreams({ calls: connections, writers, clock: systemClock });
  const app = await NestFactory.create(TestModule.of(streams), {
    logger: false,
    forceCloseConnections: true,
  });
  apps.push(app);
  app.useGlobalFilters(new ParleyErrorFilter(silentLog));
  await app.listen(0, '127.0.0.1');
  return { url: `http://127.0.0.1:${boundPort(app.getHttpServer() as Server)}`, connections, elsewhere };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  });

async function openStream(url: string): Promise<string> {
  const response = await post(`${url}/v1/live/streams`, { type: 'hello', token: 't' });
  expect(response.status).toBe(201);
  const opened = (await response.json()) as { readonly url: string };
  return `${url}${opened.url}`;
}

interface Client {
  readonly side: ClientSide;
  readonly messages: unknown[];
  readonly frames: number[];
  end: TransportEnd | undefined;
}

function dial(url: string, hello: ClientMessageInput = { type: 'hello', token: 't' }): Client {
  const client: Client = { side: new ClientSide({ url }), messages: [], frames: [], end: undefined };
  client.side.open({
    opened: () => client.side.sendMessage(hello),
    message: (value) => client.messages.push(value),
    frame: (bytes) => client.frames.push(bytes.byteLength),
    closed: (end) => (client.end = end),
  });
  return client;
}

describe('live.v1 over server-sent events and posts', () => {
  it('carries messages and frames both ways, in order, and says how it ended', async () => {
    const { url, connections } = await serve();
    const client = dial(url.replace('http', 'ws'));
    await until('hello', () => connections.heard.length === 1);
    connections.last?.sendText('{"type":"ready"}');
    let left = 0;
    connections.last?.sendBinary(FRAME, () => (left += 1));
    connections.last?.sendText('{"type":"event","text":"ö – 日本"}');
    await until('what the server said', () => client.messages.length === 2);
    expect(client.messages).toEqual([{ type: 'ready' }, { type: 'event', text: 'ö – 日本' }]);
    expect(client.frames).toEqual([FRAME.byteLength]);
    await until('the frame has left', () => left === 1);
    for (let n = 0; n < 20; n++) {
      client.side.sendFrame(FRAME.subarray(0, 100 + n));
      if (n % 5 === 0) client.side.sendMessage({ type: 'text', text: `no. ${n}` });
    }
    expect(client.side.bufferedBytes).toBeGreaterThan(2_000);
    await until('all of it', () => connections.heard.length === 25);
    const expected = Array.from({ length: 20 }, (_, n) => [
      `${100 + n} bytes`,
      ...(n % 5 === 0 ? [JSON.stringify({ type: 'text', text: `no. ${n}` })] : []),
    ]).flat();
    expect(connections.heard.slice(1)).toEqual(expected);
    await until('nothing waits', () => client.side.bufferedBytes === 0);
    connections.last?.close(4440, 'max_duration');
    await until('the end', () => client.end !== undefined);
    expect(client.end).toEqual({ code: 4440, reason: 'max_duration' });
    await until('the connection is over', () => connections.closed === 1);
  });

  it('tells the connection when the client ends the call, and when it is just gone', async () => {
    const { url, connections } = await serve();
    const polite = dial(url);
    await until('the stream is open', () => connections.heard.length === 1);
    connections.last?.sendText('{"type":"ready"}');
    await until('ready', () => polite.messages.length === 1);
    polite.side.close(1000, 'client');
    expect(polite.end).toEqual({ code: 1000, reason: 'client' });
    await until('its end', () => connections.closed === 1);
    expect(connections.heard.at(-1)).toBe('{"type":"end"}');

    const broken = dial(url);
    await until('hello', () => connections.heard.length === 3);
    connections.last?.sendText('{"type":"ready"}');
    await until('ready', () => broken.messages.length === 1);
    broken.side.close(4408, 'silent');
    await until('its end', () => connections.closed === 2);
    expect(connections.heard).toHaveLength(3);
  });

  it('keeps what was said before anybody listens, also the reason of a refusal', async () => {
    const { url, connections } = await serve();
    const stream = await openStream(url);
    connections.last?.sendText('{"type":"error"}');
    connections.last?.close(4401, 'unauthenticated');
    await until('the connection is over', () => connections.closed === 1);
    const events = await fetch(`${stream}/events`);
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    expect(events.headers.get('x-accel-buffering')).toBe('no');
    const text = await events.text();
    expect(text).toBe(
      'retry: 1000\n\nevent: m\ndata: {"type":"error"}\n\nevent: closed\ndata: {"code":4401,"reason":"unauthenticated"}\n\n',
    );
    await until('the stream is forgotten', () => connections.closed === 1);
    expect((await fetch(`${stream}/events`)).status).toBe(404);
  });

  it('refuses what it does not know, what is too large and what is too much', async () => {
    const { url, connections } = await serve();
    const stream = await openStream(url);
    const nowhere = await post(`${url}/v1/live/streams/of-someone-else/messages`, []);
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({ code: 'session_not_found' });
    expect((await fetch(`${url}/v1/live/streams/of-someone-else/events`)).status).toBe(404);
    const bytes = { 'content-type': 'application/octet-stream' };
    const refused = [
      await post(`${stream}/messages`, { type: 'text', text: 'not in an array' }),
      await post(
        `${stream}/messages`,
        Array.from({ length: 257 }, () => ({})),
      ),
      await post(`${stream}/messages`, [], { 'x-parley-seq': 'first' }),
      await post(`${stream}/messages`, new Uint8Array([0, 0, 0, 9, 1]), bytes),
      await post(`${stream}/messages`, new Uint8Array([0, 0]), bytes),
      await post(`${stream}/messages`, new Uint8Array(300_000), bytes),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 413]);
    expect(connections.heard).toHaveLength(1);
    connections.admits = false;
    const full = await post(`${url}/v1/live/streams`, { type: 'hello', token: 't' });
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '1']);
    const client = dial(url);
    await until('the refusal', () => client.end !== undefined);
    expect(client.end?.code).toBe(4503);
  });

  it('lets the events be read by one', async () => {
    const { url } = await serve();
    const stream = await openStream(url);
    const reader = new AbortController();
    const first = await fetch(`${stream}/events`, { signal: reader.signal });
    expect(first.status).toBe(200);
    expect((await fetch(`${stream}/events`)).status).toBe(409);
    reader.abort();
  });

  it('puts numbered posts in order, and passes frames in JSON on', async () => {
    const { url, connections } = await serve();
    const stream = await openStream(url);
    const say = (seq: number, items: unknown): Promise<Response> =>
      post(`${stream}/messages`, items, { 'x-parley-seq': String(seq) });
    const audio = [{ a: Buffer.from(FRAME).toString('base64') }, { a: '!' }];
    const answers = await Promise.all([say(2, [{ type: 'ping' }]), say(1, audio), say(3, [])]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(connections.heard.slice(1)).toEqual([`${FRAME.byteLength} bytes`, '0 bytes', '{"type":"ping"}']);
    expect(decodeBase64(audio[0]?.a ?? '')?.byteLength).toBe(FRAME.byteLength);
  });

  it('takes posts for streams of other gateways to their run, if they bring a resume token', async () => {
    const { url, connections, elsewhere } = await serve();
    const headers = { 'x-parley-resume': 'sealed', 'x-parley-seq': '4' };
    const answer = await post(`${url}/v1/live/streams/elsewhere/messages`, [{ type: 'interrupt' }], headers);
    expect([answer.status, connections.heard, elsewhere]).toEqual([200, [], ['sealed: 1']]);
    expect(await answer.json()).toEqual([{ type: 'pong' }]);
  });

  it('counts what the client has not read as backlog', async () => {
    const { url, connections } = await serve();
    const stream = await openStream(url);
    connections.last?.sendText('x'.repeat(1_000));
    expect(connections.last?.bufferedBytes()).toBeGreaterThan(1_000);
    const reader = new AbortController();
    const unread = await fetch(`${stream}/events`, { signal: reader.signal });
    await until('all has left', () => connections.last?.bufferedBytes() === 0);
    let sent = 0;
    let left = 0;
    while ((connections.last?.bufferedBytes() ?? 0) < 1_000_000 && sent < 1_000) {
      connections.last?.sendBinary(new Uint8Array(48_000), () => (left += 1));
      sent += 1;
      await turns(1);
    }
    expect(connections.last?.bufferedBytes()).toBeGreaterThan(1_000_000);
    expect(left).toBeLessThan(sent);
    // held until here: a response that nobody holds is let go
    expect(unread.bodyUsed).toBe(false);
    reader.abort();
    await until('the end', () => connections.closed === 1);
    expect(connections.last?.bufferedBytes()).toBe(0);
  });
});
