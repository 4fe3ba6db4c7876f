import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FakeLiveServerOptions, FakePeer, UpgradeBehavior } from './testing/fake-live-server.js';
import { KeptScenes, type KeptScene } from './testing/kept-scene.js';

const PCM_UP = 'audio/pcm;rate=16000';

describe('a conversation with a Gemini Live model', () => {
  const scenes = new KeptScenes();
  afterEach(() => scenes.close());

  /** A server that accepts the first socket, and does `later` with the others. */
  function onlyOnce(later: (peer: FakePeer) => void): FakeLiveServerOptions {
    let sockets = 0;
    return {
      onSetup: (peer) => {
        sockets += 1;
        if (sockets === 1) peer.send({ setupComplete: {} });
        else later(peer);
      },
    };
  }

  /** Lets time pass until it has ended. */
  async function ended(scene: KeptScene): Promise<unknown> {
    await vi.waitFor(
      async () => {
        await scene.clock.advance(250);
        expect(scene.heard.ends).toHaveLength(1);
      },
      { interval: 5, timeout: 10_000 },
    );
    return scene.heard.ends[0];
  }

  it('is given up after eight attempts, with growing pauses (E9)', async () => {
    const atMs: number[] = [];
    const clock = { now: (): number => 0 };
    const scene = await scenes.open(
      {},
      onlyOnce((peer) => {
        atMs.push(clock.now());
        peer.close(1011, 'The service is currently unavailable.');
      }),
    );
    clock.now = () => scene.clock.monotonicMs();
    scene.peer.reset();
    expect(await ended(scene)).toMatchObject({
      kind: 'retryable',
      errorCode: 'provider_unavailable',
      closeCode: 1011,
    });
    expect(atMs).toHaveLength(8);
    const pauses = atMs.slice(1).map((at, i) => at - (atMs[i] ?? 0));
    [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000].forEach((pause, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(pause);
    });
    expect(scene.counters).toMatchObject({ connectFailures: 8, abandoned: 1 });
    expect(scene.clock.running).toBe(0);
  });

  it('is given up when it dies young eight times, and not when it lived half a minute in between', async () => {
    const young = await scenes.open();
    for (let i = 0; i < 9; i++) {
      (await young.socket(i + 1)).reset();
      await vi.waitFor(() => expect(young.peer.closeCode).toBeDefined());
    }
    expect(await ended(young)).toMatchObject({ kind: 'retryable' });

    const steady = await scenes.open();
    for (let i = 0; i < 12; i++) {
      const peer = await steady.socket(i + 1);
      if (i > 0) {
        await vi.waitFor(() => expect(steady.counters.restarts.nothing).toBe(i), { interval: 2 });
        await steady.clock.advance(15_000);
        await steady.settled();
        await steady.clock.advance(15_000);
      }
      peer.reset();
    }
    await steady.socket(13);
    expect(steady.heard.ends).toEqual([]);
  });

  it.each([
    [1007, 'Request contains an invalid argument.', 'provider_config'],
    [1008, 'Request had invalid authentication credentials.', 'provider_config'],
    [1011, 'Your prepayment credits are depleted.', 'provider_quota'],
  ])('ends with %i %j, without another attempt (E18)', async (closeCode, reason, errorCode) => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.peer.close(closeCode, reason);
    expect(await scene.heard.ended()).toEqual({ kind: 'fatal', errorCode, closeCode, reason });
    await scene.clock.advance(60_000);
    expect(scene.server.requests).toHaveLength(1);
    expect(scene.clock.running).toBe(0);
  });

  it('ends when it is closed again and again for its content: after a resume and a new session (1008)', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    for (const resumption of [{}, { handle: 'h-1' }, {}]) {
      const peer = await scene.socket(scene.server.peers.length);
      expect(peer.resumption).toEqual(resumption);
      await scene.settled();
      scene.text('please');
      const sockets = scene.server.peers.length;
      peer.close(1008, 'Operation is not implemented, or supported, or enabled.');
      if (sockets < 3) await scene.socket(sockets + 1);
    }
    expect(await ended(scene)).toMatchObject({ closeCode: 1008 });
    expect(scene.server.requests).toHaveLength(3);
  });

  it('ends when resuming it is refused for good', async () => {
    const scene = await scenes.open(
      {},
      onlyOnce((peer) => peer.close(1011, 'You exceeded your current quota')),
    );
    scene.peer.reset();
    expect(await ended(scene)).toMatchObject({ kind: 'fatal', errorCode: 'provider_quota' });
    expect(scene.server.requests).toHaveLength(2);
  });

  it('waits as long as a busy provider says', async () => {
    let upgrade: UpgradeBehavior = 'accept';
    const scene = await scenes.open({}, { upgrade: () => upgrade });
    upgrade = { status: 429, headers: { 'retry-after': '7' } };
    scene.peer.reset();
    await vi.waitFor(async () => {
      await scene.clock.advance(50);
      expect(scene.counters.connectFailures).toBe(1);
    });
    upgrade = 'accept';
    await scene.clock.advance(6_900);
    expect(scene.server.requests).toHaveLength(2);
    await scene.socket(2);
  });

  it('is not taken up again when the client has closed it (E11)', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.connection.close();
    scene.peer.close(1000);
    expect(await scene.heard.ended()).toEqual({ kind: 'client_closed' });
    await scene.clock.advance(60_000);
    expect(scene.server.requests).toHaveLength(1);
    expect(scene.clock.running).toBe(0);
  });

  it.each(['close', 'abort'] as const)('ends at once by %s while it waits to reconnect', async (how) => {
    const caller = new AbortController();
    const scene = await scenes.open({}, {}, {}, caller.signal);
    await scene.cut();
    const askedAt = performance.now();
    if (how === 'close') scene.connection.close();
    else caller.abort();
    expect(scene.heard.ends).toEqual([{ kind: 'client_closed' }]);
    expect(performance.now() - askedAt).toBeLessThan(100);
    await scene.clock.advance(60_000);
    expect(scene.server.requests).toHaveLength(1);
    expect(scene.clock.running).toBe(0);
  });

  it.each(['close', 'abort'] as const)('ends at once by %s while it reconnects', async (how) => {
    const caller = new AbortController();
    const scene = await scenes.open(
      {},
      onlyOnce(() => undefined),
      {},
      caller.signal,
    );
    scene.peer.reset();
    await scene.socket(2);
    if (how === 'close') scene.connection.close();
    else caller.abort();
    expect(scene.heard.ends).toEqual([{ kind: 'client_closed' }]);
    await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
    expect(scene.clock.running).toBe(0);
  });

  it('ends within 100 ms by abort when it is idle (E17)', async () => {
    const caller = new AbortController();
    const scene = await scenes.open({}, {}, {}, caller.signal);
    caller.abort();
    expect(await scene.heard.ended()).toEqual({ kind: 'client_closed' });
    expect(scene.clock.running).toBe(0);
  });

  it('goes on when its listener throws at the worst moments', async () => {
    const scene = await scenes.open();
    scene.heard.throwing = true;
    scene.peer.giveHandle('h-1');
    scene.peer.speak('so');
    await scene.settled();
    scene.peer.reset();
    await scene.socket(2);
    await scene.hears((message) => message.resumed);
    expect(scene.counters.listenerErrors).toBeGreaterThan(4);
  });

  it('is moved when the server has been silent for 20 s after the user’s turn', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.text('hello?');
    await scene.told(1);
    await scene.clock.advance(7_900);
    expect(scene.counters.stallNudges).toBe(0);
    await scene.clock.advance(200);
    expect(scene.counters.stallNudges).toBe(1);
    await vi.waitFor(() => expect(scene.peer.pings).toBeGreaterThan(0));
    await scene.clock.advance(11_800);
    expect(scene.server.requests).toHaveLength(1);
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({ handle: 'h-1' });
    expect((await scene.hears((message) => message.resumed)).reason).toBe('stalled');
    expect(await scene.told(1)).toHaveLength(1);
    // … but not again, when it is silent then, too.
    await scene.clock.advance(44_000);
    expect(scene.server.requests).toHaveLength(2);
    expect(scene.counters.resumes.stalled).toBe(1);
  });

  it('is not moved while the model waits for a tool, or waits for nobody', async () => {
    const tools = [{ name: 'f', description: '', parametersJsonSchema: {}, behavior: 'BLOCKING' as const }];
    const scene = await scenes.open({ tools });
    scene.text('call');
    await scene.told(1);
    scene.peer.send({ toolCall: { functionCalls: [{ id: 'c-1', name: 'f', args: {} }] } });
    await scene.settled();
    await scene.clock.advance(44_000);
    expect(scene.counters.stallNudges).toBe(0);
    scene.connection.sendToolResponse([{ id: 'c-1', name: 'f', response: {} }]);
    await scene.told(2);
    scene.peer.answer('done');
    await scene.settled();
    await scene.clock.advance(44_000);
    scene.connection.sendAudioStreamEnd();
    await scene.told(3);
    await scene.clock.advance(44_000);
    expect(scene.counters.stallNudges).toBe(0);
    expect(scene.server.requests).toHaveLength(1);
  });

  it('is moved when the provider takes no data', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.peer.freeze();
    const second = { mimeType: PCM_UP, data: new Uint8Array(32_000) };
    await vi.waitFor(
      async () => {
        for (let i = 0; i < 50; i++) scene.connection.sendRealtime(second);
        await new Promise((resolve) => setImmediate(resolve));
        expect(scene.counters.droppedAudioMs).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    await scene.clock.advance(6_000);
    await scene.socket(2);
    expect((await scene.hears((message) => message.resumed)).reason).toBe('congested');
    expect(scene.counters.replayedMs).toBe(10_000);
  });
});
