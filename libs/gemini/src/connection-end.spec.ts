import { ManualClock } from '@parley-testing/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CountingClock } from './testing/counting-clock.js';
import { LiveScenes, SocketHeard } from './testing/live-scene.js';

const PCM_UP = 'audio/pcm;rate=16000';

describe('a socket to a Gemini Live model ends', () => {
  const scenes = new LiveScenes();
  afterEach(() => scenes.close());

  it.each([
    [1011, 'Deadline expired before operation could complete.', 'retryable', 'provider_unavailable'],
    [1011, 'Your prepayment credits are depleted. key=AIzaX', 'fatal', 'provider_quota'],
    [1007, 'Request contains an invalid argument.', 'fatal', 'provider_config'],
    [1000, '', 'retryable', 'provider_unavailable'],
  ])('as the server’s %i %j says, after the last message', async (closeCode, reason, kind, errorCode) => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.peer.send({ goAway: { timeLeft: '1s' } });
    scene.peer.close(closeCode, reason);
    await vi.waitFor(() => expect(scene.peer.closeCode).toBe(closeCode));
    scene.socket.listen(heard);
    expect(await heard.ended()).toMatchObject({
      kind: 'lost',
      congested: false,
      verdict: { kind, errorCode, closeCode, reason: reason.replace('AIzaX', '***') },
    });
    expect(heard.messages).toEqual([{ goAway: { timeLeftMs: 1_000 } }]);
    scene.socket.close();
    expect(heard.ends).toHaveLength(1);
  });

  it('as lost when TCP is reset', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.reset();
    expect(await heard.ended()).toMatchObject({
      kind: 'lost',
      verdict: { kind: 'retryable', errorCode: 'provider_unavailable', closeCode: 1006 },
    });
  });

  it('as lost when a frame is larger than any message', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.sendRaw(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20));
    expect(await heard.ended()).toMatchObject({ verdict: { kind: 'retryable' } });
  });

  it('as closed by the client when it was, once, with nothing delivered in between', async () => {
    const scene = await scenes.openSocket();
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.send({ serverContent: { turnComplete: true } });
    scene.socket.close();
    scene.socket.close();
    expect(await heard.ended()).toEqual({ kind: 'closed' });
    expect(heard.messages).toEqual([]);
    await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
  });

  it('within the grace time when the peer does not say goodbye', async () => {
    const clock = new ManualClock();
    const scene = await scenes.openSocket(clock);
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.freeze();
    scene.socket.close();
    await clock.advance(999);
    expect(heard.ends).toEqual([]);
    await clock.advance(1);
    expect(await heard.ended()).toEqual({ kind: 'closed' });
  });

  it('as lost when the peer gives no sign of life, and not before 45 s', async () => {
    const clock = new ManualClock();
    const scene = await scenes.openSocket(clock);
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    await clock.advance(20_000);
    await vi.waitFor(() => expect(scene.peer.pings).toBe(1));
    scene.peer.freeze();
    await clock.advance(44_000);
    expect(heard.ends).toEqual([]);
    await clock.advance(40_000);
    expect(await heard.ended()).toMatchObject({
      verdict: { kind: 'retryable', errorCode: 'provider_unavailable' },
    });
  });

  it('as lost when the peer stops reading, having dropped only audio', async () => {
    const clock = new ManualClock();
    const scene = await scenes.openSocket(clock);
    const heard = new SocketHeard();
    scene.socket.listen(heard);
    scene.peer.freeze();
    const second = { mimeType: PCM_UP, data: new Uint8Array(32_000) };
    await vi.waitFor(
      async () => {
        for (let i = 0; i < 50; i++)
          scene.socket.say({ kind: 'realtime', blob: second }, { index: undefined });
        await new Promise((resolve) => setImmediate(resolve));
        expect(scene.counters.droppedAudioMs).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    expect(scene.counters.droppedAudioMs % 1_000).toBe(0);
    expect(scene.socket.bufferedBytes).toBeLessThan(1024 * 1024);
    await clock.advance(6_000);
    expect(await heard.ended()).toMatchObject({
      congested: true,
      verdict: { reason: 'the provider does not read' },
    });
    expect(scene.socket.bufferedBytes).toBe(0);
  });

  it('leaving no socket and no timer behind, a hundred times over', async () => {
    const clock = new CountingClock();
    const { redial, server, socket: first } = await scenes.openSocket(clock);
    first.close();
    await vi.waitFor(() => expect(server.openSockets).toBe(0));
    for (let i = 0; i < 100; i++) {
      const connection = await redial();
      expect(clock.running).toBe(1);
      const heard = new SocketHeard();
      connection.listen(heard);
      if (i % 3 === 0) server.peer.reset();
      else if (i % 3 === 1) server.peer.close(1011);
      else connection.close();
      await heard.ended();
      expect(clock.running).toBe(0);
    }
    await vi.waitFor(() => expect(server.openSockets).toBe(0));
  });
});
