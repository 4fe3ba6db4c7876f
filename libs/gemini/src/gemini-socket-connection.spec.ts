import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveScenes, SocketHeard } from './testing/live-scene.js';

const PCM_DOWN = 'audio/pcm;rate=24000';

describe('a socket to a Gemini Live model hears', () => {
  const scenes = new LiveScenes();
  afterEach(() => scenes.close());

  it('what came before it was listened to, then the rest, in order', async () => {
    const scene = await scenes.openSocket();
    for (let i = 0; i < 1_000; i++) scene.peer.send({ usageMetadata: { totalTokenCount: i } });
    await vi.waitFor(() => expect(scene.peer.frames).toHaveLength(1));
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.send({ usageMetadata: { totalTokenCount: 1_000 } });
    await vi.waitFor(() => expect(heard.messages).toHaveLength(1_001));
    expect(heard.messages.map((message) => message.usageMetadata?.totalTokenCount)).toEqual(
      Array.from({ length: 1_001 }, (_, i) => i),
    );
  });

  it.each(['send', 'sendText'] as const)('audio as bytes, however it is framed (%s)', async (send) => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    const audio = { inlineData: { mimeType: PCM_DOWN, data: 'AQIDBA==' } };
    scene.peer[send]({ serverContent: { modelTurn: { parts: [audio] } } });
    scene.peer[send]({
      serverContent: { modelTurn: { parts: [audio] }, outputTranscription: { text: 'so' } },
    });
    scene.peer[send]({ serverContent: { turnComplete: true } });
    await vi.waitFor(() => expect(heard.messages).toHaveLength(3));
    const parts = [{ inlineData: { mimeType: PCM_DOWN, data: Uint8Array.of(1, 2, 3, 4) } }];
    expect(heard.messages).toEqual([
      { parts },
      { parts, outputTranscription: { text: 'so', finished: false } },
      { turnComplete: true },
    ]);
    expect(scene.counters).toMatchObject({ audioFastPath: 2, messagesParsed: 1, protocolErrors: 0 });
  });

  it('on after frames that are no messages, which it counts', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    for (const frame of ['{', 'null', '[1]', '', Buffer.from([0xff, 0xfe])]) scene.peer.sendRaw(frame);
    scene.peer.send({ serverContent: { turnComplete: true } });
    await vi.waitFor(() => expect(heard.messages).toEqual([{ turnComplete: true }]));
    expect(scene.counters.protocolErrors).toBe(5);
    expect(heard.ends).toEqual([]);
  });

  it('no more of a peer that sends nothing but garbage', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    for (let i = 0; i < 21; i++) scene.peer.sendRaw('?');
    expect(await heard.ended()).toMatchObject({
      kind: 'lost',
      verdict: { kind: 'retryable', errorCode: 'provider_unavailable' },
    });
    await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
  });

  it('on when its listener throws', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen({
      onMessage: (message) => {
        heard.onMessage(message);
        throw new Error('listener');
      },
      onEnd: (end) => heard.onEnd(end),
    });
    scene.peer.send({ serverContent: { turnComplete: true } });
    scene.peer.send({ serverContent: { interrupted: true } });
    await vi.waitFor(() => expect(heard.messages).toHaveLength(2));
    expect(scene.counters.listenerErrors).toBe(2);
  });
});
