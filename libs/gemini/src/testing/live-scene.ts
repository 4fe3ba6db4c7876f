import type {
  LiveConnectConfig,
  LiveConnectionEnd,
  LiveConnectionListener,
  LiveServerMessage,
} from '@parley/live';
import { vi, expect } from 'vitest';
import type { GeminiLiveConnection } from '../gemini-live-connection.js';
import { GeminiLiveModel, type GeminiLiveModelOptions } from '../gemini-live-model.js';
import { FakeLiveServer, type FakePeer } from './fake-live-server.js';

/** A listener that keeps what it hears. */
export class Heard implements LiveConnectionListener {
  readonly messages: LiveServerMessage[] = [];
  readonly ends: LiveConnectionEnd[] = [];

  onMessage(message: LiveServerMessage): void {
    this.messages.push(message);
  }

  onEnd(end: LiveConnectionEnd): void {
    this.ends.push(end);
  }

  /** Resolves when the connection has ended, with how it did. */
  async ended(): Promise<LiveConnectionEnd | undefined> {
    await vi.waitFor(() => expect(this.ends).toHaveLength(1), { interval: 2 });
    return this.ends[0];
  }
}

/** A fake server, and one connection of the real adapter to it. */
export interface LiveScene {
  readonly server: FakeLiveServer;
  readonly peer: FakePeer;
  readonly model: GeminiLiveModel;
  readonly connection: GeminiLiveConnection;
}

/** Opens scenes, and ends them all in `close`. */
export class LiveScenes {
  readonly #open: LiveScene[] = [];

  async open(
    fields: Partial<LiveConnectConfig> = {},
    options: Partial<GeminiLiveModelOptions> = {},
  ): Promise<LiveScene> {
    const server = await FakeLiveServer.start();
    const model = new GeminiLiveModel({
      provider: { kind: 'emulated', baseUrl: server.baseUrl },
      ...options,
    });
    const config = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] } as const;
    const connection = await model.connect({ ...config, ...fields });
    const scene = { server, peer: server.peer, model, connection };
    this.#open.push(scene);
    return scene;
  }

  async close(): Promise<void> {
    for (const { connection, server } of this.#open.splice(0)) {
      connection.close();
      await server.close();
    }
  }
}

/** What the client has said since its set-up, once there are `count` messages. */
export async function said(scene: LiveScene, count: number): Promise<unknown[]> {
  await vi.waitFor(() => expect(scene.peer.messages).toHaveLength(count));
  return scene.peer.messages;
}
