import { silentLog, systemClock, type Clock } from '@parley/kernel';
import type {
  LiveConnectConfig,
  LiveConnectionEnd,
  LiveConnectionListener,
  LiveServerMessage,
} from '@parley/live';
import { vi, expect } from 'vitest';
import { capabilitiesOf } from '../capabilities.js';
import { zeroCounters, type GeminiCounters } from '../gemini-counters.js';
import { GeminiLiveModel, type GeminiLiveModelOptions } from '../gemini-live-model.js';
import type {
  GeminiSocketConnection,
  SocketConnectionEnd,
  SocketConnectionSink,
} from '../gemini-socket-connection.js';
import type { KeptLiveConnection } from '../kept-live-connection.js';
import type { GeminiProvider } from '../provider-selection.js';
import { SdkClient } from '../sdk-client.js';
import { SocketDialer } from '../socket-dialer.js';
import { FakeLiveServer, type FakeLiveServerOptions, type FakePeer } from './fake-live-server.js';

const CONFIG = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] } as const;

/** A listener that keeps what it hears. */
export class Heard implements LiveConnectionListener {
  readonly messages: LiveServerMessage[] = [];
  readonly ends: LiveConnectionEnd[] = [];
  /** Whether it fails at each message, after having kept it. */
  throwing = false;

  onMessage(message: LiveServerMessage): void {
    this.messages.push(message);
    if (this.throwing) throw new Error('listener');
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
  readonly connection: KeptLiveConnection;
}

/** Keeps what it hears of one socket. */
export class SocketHeard implements SocketConnectionSink {
  readonly messages: LiveServerMessage[] = [];
  readonly ends: SocketConnectionEnd[] = [];

  onMessage(message: LiveServerMessage): void {
    this.messages.push(message);
  }

  onEnd(end: SocketConnectionEnd): void {
    this.ends.push(end);
  }

  async ended(): Promise<SocketConnectionEnd | undefined> {
    await vi.waitFor(() => expect(this.ends).toHaveLength(1), { interval: 2 });
    return this.ends[0];
  }
}

/** A fake server, and one socket of the adapter to it. */
export interface SocketScene {
  readonly server: FakeLiveServer;
  readonly peer: FakePeer;
  readonly socket: GeminiSocketConnection;
  readonly counters: GeminiCounters;
  readonly redial: () => Promise<GeminiSocketConnection>;
}

export interface SceneOptions extends Partial<Omit<GeminiLiveModelOptions, 'provider'>> {
  readonly onVertex?: boolean;
}

/** Opens scenes, and ends them all in `close`. */
export class LiveScenes {
  readonly #open: { readonly connection: { close(): void }; readonly server: FakeLiveServer }[] = [];

  async open(
    fields: Partial<LiveConnectConfig> = {},
    options: SceneOptions = {},
    serverOptions: FakeLiveServerOptions = {},
    signal?: AbortSignal,
  ): Promise<LiveScene> {
    const server = await FakeLiveServer.start(serverOptions);
    const { baseUrl } = server;
    const { onVertex = false, ...rest } = options;
    const provider: GeminiProvider = onVertex
      ? { kind: 'vertex', project: 'p-1', location: 'europe-west4', apiKey: 'express', baseUrl }
      : { kind: 'emulated', baseUrl };
    const model = new GeminiLiveModel({ provider, ...rest });
    const connection = await model.connect({ ...CONFIG, ...fields }, signal);
    const scene = { server, peer: server.peer, model, connection };
    this.#open.push(scene);
    return scene;
  }

  async openSocket(clock: Clock = systemClock): Promise<SocketScene> {
    const server = await FakeLiveServer.start();
    const provider = { kind: 'emulated', baseUrl: server.baseUrl } as const;
    const counters = zeroCounters();
    const dialer = new SocketDialer({
      client: new SdkClient(provider),
      provider: 'emulated',
      clock,
      counters,
      log: silentLog,
      connectTimeoutMs: 10_000,
      pingEveryMs: 20_000,
      pongDeadlineMs: 45_000,
      closeGraceMs: 1_000,
      masking: 'random',
    });
    const opening = { resumption: true, handle: undefined, history: [] };
    const redial = (): Promise<GeminiSocketConnection> =>
      dialer.dial(CONFIG, capabilitiesOf(CONFIG.model), opening, undefined);
    const socket = await redial();
    this.#open.push({ connection: socket, server });
    return { server, peer: server.peer, socket, counters, redial };
  }

  async close(): Promise<void> {
    for (const { connection, server } of this.#open.splice(0)) {
      connection.close();
      await server.close();
    }
  }
}

/** What the client has said since its set-up, once there are `count` messages. */
export async function said({ peer }: { readonly peer: FakePeer }, count: number): Promise<unknown[]> {
  await vi.waitFor(() => expect(peer.messages).toHaveLength(count), { interval: 2 });
  return peer.messages;
}
