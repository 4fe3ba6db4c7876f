import { SocketIoTransport, connectLive, type Caption } from '@parley/client';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

describe('Socket.IO namespace /live', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ workers: 1 });
  });
  afterAll(() => service.stop());

  const socketTo = (url: string, auth: Record<string, string> = {}): ReturnType<typeof io> =>
    io(url, { transports: ['websocket'], reconnection: false, autoConnect: false, auth });

  it('carries a whole conversation: text, speech and sound', async () => {
    const { clientToken, urls } = await service.api.createSession({ agent: 'concierge', userId: 'dora' });
    const captions: Caption[] = [];
    let audioBytes = 0;
    let turns = 0;
    const { client, ready } = await connectLive({
      transport: new SocketIoTransport(socketTo(urls.socketIo)),
      token: clientToken,
      on: {
        caption: (caption) => captions.push(caption),
        audio: ({ pcm }) => (audioBytes += pcm.byteLength),
        turnComplete: () => (turns += 1),
      },
    });
    expect(ready.agent).toBe('concierge');
    client.sendText('Hello');
    await until('an answer', () => turns > 0 && audioBytes > 48_000);
    for (const pcm of [speech('my name is Dora', { leadMs: 200, tailMs: 1_500 })]) {
      for (let at = 0; at < pcm.byteLength; at += 1_280) {
        client.sendAudio(pcm.subarray(at, at + 1_280));
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
    }
    await until('the words', () =>
      captions.some(({ speaker, text }) => speaker === 'user' && text.includes('Dora')),
    );
    client.end();
    expect(await client.closed).toMatchObject({ code: 1000, ended: 'client' });
  });

  it('takes the token from the handshake', async () => {
    const { clientToken, urls } = await service.api.createSession({ agent: 'concierge', userId: 'erna' });
    const socket = socketTo(urls.socketIo, { token: clientToken });
    const messages: string[] = [];
    socket.on('m', (json: string) => messages.push(json));
    socket.connect();
    await until('ready', () => messages.some((json) => json.includes('"type":"ready"')));
    socket.disconnect();
  });

  it('says why it refuses, and hangs up', async () => {
    const { urls } = await service.api.createSession({ agent: 'concierge', userId: 'erna' });
    const socket = socketTo(urls.socketIo, { token: 'not.a.token' });
    const messages: string[] = [];
    let gone = false;
    socket.on('m', (json: string) => messages.push(json));
    socket.on('disconnect', () => (gone = true));
    socket.connect();
    await until('the end', () => gone);
    expect(messages.join()).toContain('"code":"unauthenticated"');
  });
});
