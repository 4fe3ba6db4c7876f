import { ManualClock } from '@parley-testing/kernel';
import type { LiveConnectConfig, LiveConnectionEnd, LiveServerMessage } from '@parley/live';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GeminiLiveConnection } from './gemini-live-connection.js';
import { GeminiLiveModel, type GeminiLiveModelOptions } from './gemini-live-model.js';
import { FakeLiveServer, type FakePeer } from './testing/fake-live-server.js';

const PCM_UP = 'audio/pcm;rate=16000';
const PCM_DOWN = 'audio/pcm;rate=24000';
const FLASH_3_1 = 'gemini-3.1-flash-live-preview';
const MANUAL = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

class Heard {
  readonly messages: LiveServerMessage[] = [];
  readonly ends: LiveConnectionEnd[] = [];

  onMessage(message: LiveServerMessage): void {
    this.messages.push(message);
  }

  onEnd(end: LiveConnectionEnd): void {
    this.ends.push(end);
  }
}

/** Knows how many timers are running. */
class CountingClock extends ManualClock {
  running = 0;

  override after(delayMs: number, run: () => void): () => void {
    const timer = this.#count();
    const cancel = super.after(delayMs, () => {
      timer();
      run();
    });
    return () => {
      timer();
      cancel();
    };
  }

  override every(periodMs: number, run: () => void): () => void {
    const timer = this.#count();
    const cancel = super.every(periodMs, run);
    return () => {
      timer();
      cancel();
    };
  }

  #count(): () => void {
    let counted = true;
    this.running += 1;
    return () => {
      if (counted) this.running -= 1;
      counted = false;
    };
  }
}

interface Scene {
  readonly server: FakeLiveServer;
  readonly peer: FakePeer;
  readonly model: GeminiLiveModel;
  readonly connection: GeminiLiveConnection;
}

describe('a connection to a Gemini Live model', () => {
  const cleanUps: (() => Promise<unknown> | void)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function open(
    fields: Partial<LiveConnectConfig> = {},
    options: Partial<GeminiLiveModelOptions> = {},
  ): Promise<Scene> {
    const server = await FakeLiveServer.start();
    cleanUps.push(() => server.close());
    const model = new GeminiLiveModel({
      provider: { kind: 'emulated', baseUrl: server.baseUrl },
      ...options,
    });
    const connection = await model.connect({
      model: 'gemini-3.8-live',
      responseModalities: ['AUDIO'],
      tools: [],
      ...fields,
    });
    cleanUps.push(() => connection.close());
    return { server, peer: server.peer, model, connection };
  }

  async function sent(scene: Scene, count: number): Promise<unknown[]> {
    await vi.waitFor(() => expect(scene.peer.messages).toHaveLength(count));
    return scene.peer.messages;
  }

  async function ended(heard: Heard): Promise<LiveConnectionEnd | undefined> {
    await vi.waitFor(() => expect(heard.ends).toHaveLength(1), { interval: 2 });
    return heard.ends[0];
  }

  describe('says', () => {
    it('audio and images as realtime input', async () => {
      const scene = await open();
      scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(1, 2) });
      scene.connection.sendRealtime({ mimeType: 'image/jpeg', data: Uint8Array.of(3) });
      expect(await sent(scene, 2)).toEqual([
        { realtimeInput: { audio: { data: 'AQI=', mimeType: PCM_UP } } },
        { realtimeInput: { video: { data: 'Aw==', mimeType: 'image/jpeg' } } },
      ]);
    });

    it('content as a finished turn, without thoughts, audio and function parts', async () => {
      const scene = await open();
      scene.connection.sendContent({
        role: 'user',
        parts: [
          { text: 'look' },
          { text: 'hm', thought: true },
          { inlineData: { mimeType: 'image/png', data: Uint8Array.of(255) } },
          { inlineData: { mimeType: PCM_UP, data: Uint8Array.of(1, 2) } },
          { functionResponse: { id: 'c', name: 'f', response: {} } },
        ],
      });
      expect(await sent(scene, 1)).toEqual([
        {
          clientContent: {
            turns: [
              {
                role: 'user',
                parts: [{ text: 'look' }, { inlineData: { mimeType: 'image/png', data: '/w==' } }],
              },
            ],
            turnComplete: true,
          },
        },
      ]);
    });

    it('content as realtime input where the model takes no client content', async () => {
      const scene = await open({ model: FLASH_3_1 });
      scene.connection.sendContent({
        parts: [
          { text: 'one' },
          { inlineData: { mimeType: 'image/png', data: Uint8Array.of(1) } },
          { text: 'two' },
        ],
      });
      scene.connection.interrupt();
      expect(await sent(scene, 2)).toEqual([
        { realtimeInput: { video: { data: 'AQ==', mimeType: 'image/png' } } },
        { realtimeInput: { text: 'one\ntwo' } },
      ]);
      expect(scene.model.counters.refusedSends).toBe(1);
    });

    it('an interruption as empty client content', async () => {
      const scene = await open();
      scene.connection.interrupt();
      expect(await sent(scene, 1)).toEqual([{ clientContent: { turnComplete: false } }]);
    });

    it('activity when it is up to the client, the end of the stream when it is not', async () => {
      const manual = await open(MANUAL);
      const automatic = await open();
      for (const { connection } of [manual, automatic]) {
        connection.sendActivityStart();
        connection.sendActivityEnd();
        connection.sendAudioStreamEnd();
      }
      expect(await sent(manual, 2)).toEqual([
        { realtimeInput: { activityStart: {} } },
        { realtimeInput: { activityEnd: {} } },
      ]);
      expect(await sent(automatic, 1)).toEqual([{ realtimeInput: { audioStreamEnd: true } }]);
    });

    it('results of tools, with their scheduling where the model knows it', async () => {
      const response = {
        id: 'c-1',
        name: 'f',
        response: { output: 1 },
        scheduling: 'INTERRUPT',
        willContinue: true,
      } as const;
      const scene = await open();
      scene.connection.sendToolResponse([response]);
      expect(await sent(scene, 1)).toEqual([{ toolResponse: { functionResponses: [response] } }]);

      const simple = await open({ model: FLASH_3_1 });
      simple.connection.sendToolResponse([response]);
      const { scheduling: _, ...unscheduled } = response;
      expect(await sent(simple, 1)).toEqual([{ toolResponse: { functionResponses: [unscheduled] } }]);
    });

    it('earlier conversation first, as history that asks for no answer', async () => {
      const scene = await open({
        history: [
          { role: 'user', parts: [{ text: 'hi' }] },
          { role: 'model', parts: [{ inlineData: { mimeType: PCM_DOWN, data: Uint8Array.of(1) } }] },
          { role: 'model', parts: [{ text: 'hello' }] },
        ],
      });
      scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(0, 0) });
      const messages = await sent(scene, 2);
      expect(messages[0]).toEqual({
        clientContent: {
          turns: [
            { role: 'user', parts: [{ text: 'hi' }] },
            { role: 'model', parts: [{ text: 'hello' }] },
          ],
          turnComplete: true,
        },
      });
    });

    it('nothing that the wire can not carry, and counts it', async () => {
      const scene = await open();
      scene.connection.sendRealtime({ mimeType: 'text/plain', data: Uint8Array.of(1) });
      scene.connection.sendRealtime({ mimeType: PCM_UP, data: new Uint8Array() });
      scene.connection.sendContent({ parts: [] });
      scene.connection.sendToolResponse([]);
      scene.connection.sendAudioStreamEnd();
      await sent(scene, 1);
      expect(scene.model.counters.refusedSends).toBe(4);
    });

    it('nothing after close', async () => {
      const scene = await open();
      scene.connection.close();
      scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(1, 2) });
      scene.connection.sendContent({ parts: [{ text: 'too late' }] });
      await vi.waitFor(() => expect(scene.peer.closeCode).toBe(1000));
      expect(scene.peer.messages).toEqual([]);
    });
  });

  describe('hears', () => {
    it('what came before it was listened to, then the rest, in order', async () => {
      const scene = await open();
      for (let i = 0; i < 1_000; i++) scene.peer.send({ usageMetadata: { totalTokenCount: i } });
      await vi.waitFor(() => expect(scene.peer.frames).toHaveLength(1));
      const heard = new Heard();
      scene.connection.listen(heard);
      scene.peer.send({ usageMetadata: { totalTokenCount: 1_000 } });
      await vi.waitFor(() => expect(heard.messages).toHaveLength(1_001));
      expect(heard.messages.map((message) => message.usageMetadata?.totalTokenCount)).toEqual(
        Array.from({ length: 1_001 }, (_, i) => i),
      );
    });

    it.each(['send', 'sendText'] as const)('audio as bytes, however it is framed (%s)', async (send) => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
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
      expect(scene.model.counters).toMatchObject({ audioFastPath: 2, messagesParsed: 1, protocolErrors: 0 });
    });

    it('on after frames that are no messages, which it counts', async () => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
      for (const frame of ['{', 'null', '[1]', '', Buffer.from([0xff, 0xfe])]) scene.peer.sendRaw(frame);
      scene.peer.send({ serverContent: { turnComplete: true } });
      await vi.waitFor(() => expect(heard.messages).toEqual([{ turnComplete: true }]));
      expect(scene.model.counters.protocolErrors).toBe(5);
      expect(heard.ends).toEqual([]);
    });

    it('no more of a peer that sends nothing but garbage', async () => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
      for (let i = 0; i < 21; i++) scene.peer.sendRaw('?');
      expect(await ended(heard)).toMatchObject({ kind: 'retryable', errorCode: 'provider_unavailable' });
      await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
    });

    it('on when its listener throws', async () => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen({
        onMessage: (message) => {
          heard.onMessage(message);
          throw new Error('listener');
        },
        onEnd: (end) => heard.onEnd(end),
      });
      scene.peer.send({ serverContent: { turnComplete: true } });
      scene.peer.send({ serverContent: { interrupted: true } });
      await vi.waitFor(() => expect(heard.messages).toHaveLength(2));
      expect(scene.model.counters.listenerErrors).toBe(2);
    });
  });

  describe('ends', () => {
    it.each([
      [1011, 'Deadline expired before operation could complete.', 'retryable', 'provider_unavailable'],
      [1011, 'Your prepayment credits are depleted. key=AIzaX', 'fatal', 'provider_quota'],
      [1007, 'Request contains an invalid argument.', 'fatal', 'provider_config'],
      [1000, '', 'retryable', 'provider_unavailable'],
    ])('as the server’s %i %j says, after the last message', async (closeCode, reason, kind, errorCode) => {
      const scene = await open();
      const heard = new Heard();
      scene.peer.send({ goAway: { timeLeft: '1s' } });
      scene.peer.close(closeCode, reason);
      await vi.waitFor(() => expect(scene.peer.closeCode).toBe(closeCode));
      scene.connection.listen(heard);
      expect(await ended(heard)).toEqual({
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
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
      scene.peer.reset();
      expect(await ended(heard)).toMatchObject({
        kind: 'retryable',
        errorCode: 'provider_unavailable',
        closeCode: 1006,
      });
    });

    it('as lost when a frame is larger than any message', async () => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
      scene.peer.sendRaw(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20));
      expect(await ended(heard)).toMatchObject({ kind: 'retryable' });
    });

    it('as closed by the client when it was, once, with nothing delivered in between', async () => {
      const scene = await open();
      const heard = new Heard();
      scene.connection.listen(heard);
      scene.peer.send({ serverContent: { turnComplete: true } });
      scene.connection.close();
      scene.connection.close();
      expect(await ended(heard)).toEqual({ kind: 'client_closed' });
      expect(heard.messages).toEqual([]);
      await vi.waitFor(() => expect(scene.server.openSockets).toBe(0));
    });

    it('within the grace time when the peer does not say goodbye', async () => {
      const clock = new ManualClock();
      const scene = await open({}, { clock, closeGraceMs: 1_000 });
      const heard = new Heard();
      scene.connection.listen(heard);
      scene.peer.freeze();
      scene.connection.close();
      await clock.advance(999);
      expect(heard.ends).toEqual([]);
      await clock.advance(1);
      expect(await ended(heard)).toEqual({ kind: 'client_closed' });
    });

    it('as lost when the peer gives no sign of life, and not before 45 s', async () => {
      const clock = new ManualClock();
      const scene = await open({}, { clock });
      const heard = new Heard();
      scene.connection.listen(heard);
      await clock.advance(20_000);
      await vi.waitFor(() => expect(scene.peer.pings).toBe(1));
      scene.peer.freeze();
      await clock.advance(44_000);
      expect(heard.ends).toEqual([]);
      await clock.advance(40_000);
      expect(await ended(heard)).toMatchObject({ kind: 'retryable', errorCode: 'provider_unavailable' });
    });

    it('as lost when the peer stops reading, having dropped only audio', async () => {
      const clock = new ManualClock();
      const scene = await open({}, { clock, masking: 'random' });
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
      expect(await ended(heard)).toMatchObject({ kind: 'retryable', reason: 'the provider does not read' });
      expect(scene.connection.bufferedBytes).toBe(0);
    });

    it('leaving no socket and no timer behind, a hundred times over', async () => {
      const clock = new CountingClock();
      const server = await FakeLiveServer.start();
      cleanUps.push(() => server.close());
      const model = new GeminiLiveModel({ provider: { kind: 'emulated', baseUrl: server.baseUrl }, clock });
      const config = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] } as const;
      for (let i = 0; i < 100; i++) {
        const connection = await model.connect(config);
        expect(clock.running).toBe(1);
        const heard = new Heard();
        connection.listen(heard);
        if (i % 3 === 0) server.peer.reset();
        else if (i % 3 === 1) server.peer.close(1011);
        else connection.close();
        await ended(heard);
        expect(clock.running).toBe(0);
      }
      await vi.waitFor(() => expect(server.openSockets).toBe(0));
    });
  });
});
