import { connectLive, SseTransport, type Caption, type LiveEvents } from '@parley/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

/** A gateway knows no line by this code, nor the client: it broke. */
const CLOSE_BROKEN = 4408;

describe('live.v1 over server-sent events and posts', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ workers: 2, gateways: 2 });
  });
  afterAll(() => service.stop());

  const gateway = (name: string): string => `http://127.0.0.1:${service.stack.portOf(name)}`;

  interface Call {
    readonly client: Awaited<ReturnType<typeof connectLive>>['client'];
    readonly transports: SseTransport[];
    readonly captions: Caption[];
    readonly resumed: LiveEvents['resumed'][];
    readonly delivered: string[];
    audioBytes: number;
    turns: number;
    interruptions: number;
  }

  /** `posts`: where everything goes but the opening and the events. */
  async function dial(agent: string, posts = 'gateway'): Promise<Call> {
    const { clientToken } = await service.api.createSession({ agent, userId: 'erin' });
    const transports: SseTransport[] = [];
    const call: Omit<Call, 'client'> = {
      transports,
      captions: [],
      resumed: [],
      delivered: [],
      audioBytes: 0,
      turns: 0,
      interruptions: 0,
    };
    const toPosts: typeof fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.pathname.endsWith('/messages')) url.port = String(service.stack.portOf(posts));
      return fetch(url, init);
    };
    const { client } = await connectLive({
      dial: () => {
        // the first line to the first gateway, every other one to the second
        const url = gateway(transports.length === 0 ? 'gateway' : 'gateway-2');
        const transport = new SseTransport({ url, fetch: toPosts });
        transports.push(transport);
        return transport;
      },
      token: clientToken,
      on: {
        caption: (caption) => call.captions.push(caption),
        audio: ({ pcm }) => (call.audioBytes += pcm.byteLength),
        turnComplete: () => (call.turns += 1),
        interrupted: ({ origin }) => (call.interruptions += origin === 'server' ? 1 : 0),
        resumed: (resumed) => call.resumed.push(resumed),
        delivered: ({ id }) => call.delivered.push(id),
      },
    });
    return Object.assign(call, { client });
  }

  async function say(call: Call, pcm: Uint8Array): Promise<void> {
    for (let at = 0; at < pcm.byteLength; at += 1_280) {
      call.client.sendAudio(pcm.subarray(at, at + 1_280));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const heard = (call: Call, speaker: Caption['speaker'], word: string): boolean =>
    call.captions.some((caption) => caption.speaker === speaker && caption.text.includes(word));

  it('carries a whole conversation: text, speech and sound, and its end', async () => {
    const call = await dial('concierge');
    call.client.sendText('Hello', 'm-1');
    await until('an answer', () => call.turns > 0 && call.audioBytes > 24_000);
    expect(call.delivered).toEqual(['m-1']);
    await say(call, speech('my name is Dora', { leadMs: 200, tailMs: 1_500 }));
    await until('the words', () => heard(call, 'user', 'Dora'));
    await until('the answer', () => heard(call, 'agent', 'Dora'));
    call.client.end();
    expect(await call.client.closed).toMatchObject({ code: 1000, ended: 'client' });
    expect(call.client.stats).toMatchObject({ missingEvents: 0, missingFrames: 0, ignored: 0 });
  });

  it('falls silent when it is talked over', async () => {
    const call = await dial('storyteller');
    call.client.sendText('Tell me a long story about the sea.');
    await until('the story', () => call.audioBytes > 48_000);
    await say(call, speech('stop that now', { leadMs: 40, tailMs: 1_200 }));
    await until('the interruption', () => call.interruptions > 0);
    call.client.sendText('Wait.');
    await until('the next answer', () => call.turns > 0);
    expect(call.client.stats.lateFrames).toBe(0);
    call.client.end();
    await call.client.closed;
  });

  it('goes on at another gateway when its line breaks', async () => {
    const call = await dial('concierge');
    call.client.sendText('Hello, my name is Alice.');
    await until('an answer', () => call.turns > 0);
    call.transports[0]?.close(CLOSE_BROKEN, 'cut by the test');
    call.client.sendText('What is my name?');
    await until('it goes on', () => call.resumed.length > 0);
    expect(call.resumed[0]).toMatchObject({ cause: 'client', recovered: true, mode: 'live' });
    expect(call.transports.length).toBeGreaterThan(1);
    const before = call.captions.length;
    await until('an answer that remembers', () =>
      call.captions
        .slice(before - 1)
        .some(({ speaker, text }) => speaker === 'agent' && text.includes('Alice')),
    );
    expect(call.client.stats).toMatchObject({ missingEvents: 0, reconnects: 1 });
    call.client.end();
    await call.client.closed;
  });

  it('takes posts at a gateway that does not hold the stream', async () => {
    const call = await dial('concierge', 'gateway-2');
    call.client.sendText('Hello, my name is Alice.', 'm-1');
    await until('an answer', () => heard(call, 'agent', 'Alice'));
    await until('the text is stored', () => call.delivered.includes('m-1'));
    await say(call, speech('what is my name', { leadMs: 200, tailMs: 1_500 }));
    await until('the words', () => heard(call, 'user', 'name'));
    expect(call.resumed).toEqual([]);
    call.client.end();
    await call.client.closed;
  });

  it('knows no stream that it was not told of', async () => {
    const stranger = await fetch(`${service.stack.url}/v1/live/streams/someone-elses/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-parley-resume': 'forged' },
      body: '[{"type":"interrupt"}]',
    });
    expect(stranger.status).toBe(401);
    const lost = await fetch(`${service.stack.url}/v1/live/streams/someone-elses/events`);
    expect(lost.status).toBe(404);
  });
});
