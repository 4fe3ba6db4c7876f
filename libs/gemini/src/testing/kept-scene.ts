import type { LiveConnectConfig, LiveServerMessage } from '@parley/live';
import { expect, vi } from 'vitest';
import { CountingClock } from './counting-clock.js';
import type { FakeLiveServerOptions, FakePeer } from './fake-live-server.js';
import { Heard, LiveScenes, type LiveScene, type SceneOptions } from './live-scene.js';

/** A conversation on a clock of its own, that is listened to. */
export class KeptScene {
  readonly clock: CountingClock;
  readonly heard = new Heard();
  readonly #scene: LiveScene;

  constructor(scene: LiveScene, clock: CountingClock) {
    this.#scene = scene;
    this.clock = clock;
    scene.connection.listen(this.heard);
  }

  get connection(): LiveScene['connection'] {
    return this.#scene.connection;
  }

  get server(): LiveScene['server'] {
    return this.#scene.server;
  }

  get counters(): LiveScene['model']['counters'] {
    return this.#scene.model.counters;
  }

  /** The newest socket's far end. */
  get peer(): FakePeer {
    return this.server.peer;
  }

  /** The `count`th socket's far end, once its set-up is there; time passes meanwhile. */
  async socket(count: number): Promise<FakePeer> {
    return vi.waitFor(
      async () => {
        await this.clock.advance(50);
        const peer = this.server.peers[count - 1];
        if (!peer || peer.frames.length === 0) throw new Error(`no socket ${count} yet`);
        return peer;
      },
      { interval: 2, timeout: 10_000 },
    );
  }

  /** Resolves when the listener has heard something that `pick` finds. */
  async hears<T>(pick: (message: LiveServerMessage) => T | undefined): Promise<T> {
    return vi.waitFor(
      () => {
        for (const message of this.heard.messages) {
          const found = pick(message);
          if (found !== undefined) return found;
        }
        throw new Error('not heard yet');
      },
      { interval: 2, timeout: 10_000 },
    );
  }

  /** Lets everything that the far end has sent so far arrive. */
  async settled(): Promise<void> {
    const mark = `mark ${this.heard.messages.length} ${Math.random()}`;
    this.peer.send({ serverContent: { groundingMetadata: { mark } } });
    await this.hears((message) => (message.groundingMetadata?.['mark'] === mark ? true : undefined));
  }

  /** What the far end was told, once there are `count` messages and no more. */
  async told(count: number, peer = this.peer): Promise<unknown[]> {
    await vi.waitFor(() => expect(peer.messages.length).toBeGreaterThanOrEqual(count), { interval: 2 });
    await this.settled();
    expect(peer.messages).toHaveLength(count);
    return peer.messages;
  }

  /** Cuts the line; resolves when the conversation knows that it has no socket, and has kept some audio (9). */
  async cut(): Promise<void> {
    this.peer.reset();
    await vi.waitFor(
      () => {
        this.audio(9);
        expect(this.connection.bufferedBytes).toBeGreaterThan(0);
      },
      { interval: 2, timeout: 10_000 },
    );
  }

  text(text: string): void {
    this.connection.sendContent({ role: 'user', parts: [{ text }] });
  }

  /** 100 ms of sound, recognisable by its first byte. */
  audio(name: number): void {
    const data = new Uint8Array(3_200);
    data[0] = name;
    this.connection.sendRealtime({ mimeType: 'audio/pcm;rate=16000', data });
  }
}

/** How the far end names what it was told: `text:…`, `audio:<first byte>`, `toolResponse:<ids>`, `end` … */
export function summary(messages: readonly unknown[]): readonly string[] {
  return messages.map((message) => {
    const text = JSON.stringify(message);
    const audio = /"audio":\{"data":"([^"]+)"/.exec(text)?.[1];
    if (audio !== undefined) return `audio:${Buffer.from(audio, 'base64')[0]}`;
    if (text.includes('audioStreamEnd')) return 'audioStreamEnd';
    const ids = [...text.matchAll(/"id":"([^"]*)"/g)].map((match) => match[1]);
    if (text.includes('toolResponse')) return `toolResponse:${ids.join(',')}`;
    const words = [...text.matchAll(/"text":"([^"]*)"/g)].map((match) => match[1]);
    return `text:${words.join('|')}`;
  });
}

/** Opens conversations, and ends them all in `close`. */
export class KeptScenes {
  readonly #scenes = new LiveScenes();

  async open(
    config: Partial<LiveConnectConfig> = {},
    server: FakeLiveServerOptions = {},
    options: SceneOptions = {},
    signal?: AbortSignal,
  ): Promise<KeptScene> {
    const clock = new CountingClock();
    const random = (): number => 0.5;
    const scene = await this.#scenes.open(config, { clock, random, ...options }, server, signal);
    return new KeptScene(scene, clock);
  }

  close(): Promise<void> {
    return this.#scenes.close();
  }
}
