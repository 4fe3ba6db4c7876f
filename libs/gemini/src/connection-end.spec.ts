import { ManualClock } from '@parley-testing/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CountingClock } from './testing/counting-clock.js';
import { Heard, LiveScenes } from './testing/live-scene.js';

const PCM_UP = 'audio/pcm;rate=16000';

describe('a connection to a Gemini Live model ends', () => {
  const scenes = new LiveScenes();
  afterEach(() => scenes.close());

  it.each([
    [1011, 'Deadline expired before operation could complete.', 'retryable', 'provider_unavailable'],
    [1011, 'Your prepayment credits are depleted. key=AIzaX', 'fatal', 'provider_quota'],
    [1007, 'Request contains an invalid argument.', 'fatal', 'provider_config'],
    [1000, '', 'retryable', 'provider_unavailable'],
  ])('as the server’s %i %j says, after the last message', async (closeCode, reason, kind, errorCode) => {
    const scene = await scenes.open();
    const heard = new Heard();
    scene.peer.send({ goAway: { timeLeft: '1s' } });
    scene.peer.close(closeCode, reason);
    await vi.waitFor(() => expect(scene.peer.closeCode).toBe(closeCode));
    scene.connection.listen(heard);
    expect(await heard.ended()).toEqual({
      kind,
      errorCode,
      closeCode,
      reason: reason.replace('AIzaX', '***'),
    });
    expect(heard.messages).toEqual([{ goAway: { timeLeftMs: 1_000 } }]);
    scene.connection.close();
    expect(heard.ends).toHaveLength(1);
  });

  it('as lost when TCP is reset', async () => {
    const scene = await scenes.open();
    const heard = new Heard();
    scene.connection.listen(heard);
    scene.peer.reset();
    expect(await heard.ended()).toMatchObject({
      kind: 'retryable',
      errorCode: 'provider_unavailable',
      closeCode: 1006,
    });
  });

  it('as lost when a frame is larger than any message', async () => {
    const scene = await scenes.open();
    const heard = new Heard();
    scene.connection.listen(heard);
    scene.peer.sendRaw(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20));
    expect(await heard.ended()).toMatchObject({ kind: 'retryable' });
  });

  it('as closed by the client when it was, once, with nothing delivered in between', async () => {
    const scene = await scenes.open();
    const heard = new Heard();
    scene.connection.listen(heard);
    scene.peer.send({ serverContent: { turnComplete: true } });
    scene.connection.close();
    scene.connection.close();
    expect(await heard.ended()).toEqual({ kind: 'client_closed' });
    expect(heard.messages).toEqual([]);
    await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
  });

  it('within the grace time when the peer does not say goodbye', async () => {
    const clock = new ManualClock();
    const scene = await scenes.open({}, { clock, closeGraceMs: 1_000 });
    const heard = new Heard();
    scene.connection.listen(heard);
    scene.peer.freeze();
    scene.connection.close();
    await clock.advance(999);
    expect(heard.ends).toEqual([]);
    await clock.advance(1);
    expect(await heard.ended()).toEqual({ kind: 'client_closed' });
  });

  it('as lost when the peer gives no sign of life, and not before 45 s', async () => {
    const clock = new ManualClock();
    const scene = await scenes.open({}, { clock });
    const heard = new Heard();
    scene.connection.listen(heard);
    await clock.advance(20_000);
    await vi.waitFor(() => expect(scene.peer.pings).toBe(1));
    scene.peer.freeze();
    await clock.advance(44_000);
    expect(heard.ends).toEqual([]);
    await clock.advance(40_000);
    expect(await heard.ended()).toMatchObject({ kind: 'retryable', errorCode: 'provider_unavailable' });
  });

  it('as lost when the peer stops reading, having dropped only audio', async () => {
    const clock = new ManualClock();
    const scene = await scenes.open({}, { clock, masking: 'random' });
    const heard = new Heard();
    scene.connection.listen(heard);
    scene.peer.freeze();
    const second = { mimeType: PCM_UP, data: new Uint8Array(32_000) };
    await vi.waitFor(
      async () => {
        for (let i = 0; i < 50; i++) scene.connection.sendRealtime(second);
        await new Promise((resolve) => setImmediate(resolve));
        expect(scene.model.counters.droppedAudioMs).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    expect(scene.model.counters.droppedAudioMs % 1_000).toBe(0);
    expect(scene.connection.bufferedBytes).toBeLessThan(1024 * 1024);
    await clock.advance(12_000);
    expect(await heard.ended()).toMatchObject({ kind: 'retryable', reason: 'the provider does not read' });
    expect(scene.connection.bufferedBytes).toBe(0);
  });

  it('leaving no socket and no timer behind, a hundred times over', async () => {
    const clock = new CountingClock();
    const { connection: first, model, server } = await scenes.open({}, { clock });
    first.close();
    const config = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] } as const;
    await vi.waitFor(() => expect(server.openSockets).toBe(0));
    for (let i = 0; i < 100; i++) {
      const connection = await model.connect(config);
      expect(clock.running).toBe(1);
      const heard = new Heard();
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
