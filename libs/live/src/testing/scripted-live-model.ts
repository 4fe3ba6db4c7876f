import type { Blob, Content, FunctionResponse } from '@parley/event';
import type {
  LiveConnectConfig,
  LiveConnection,
  LiveConnectionEnd,
  LiveConnectionListener,
  LiveModel,
  LiveModelCapabilities,
  LiveModelInfo,
  LiveServerMessage,
} from '../model/live-model.js';

/** What a run sent to its model, in order. */
export type SentToModel =
  | { readonly kind: 'content'; readonly content: Content; readonly partial: boolean }
  | { readonly kind: 'realtime'; readonly blob: Blob }
  | { readonly kind: 'toolResponse'; readonly responses: readonly FunctionResponse[] }
  | { readonly kind: 'activityStart' | 'activityEnd' | 'audioStreamEnd' | 'interrupt' };

/** A connection whose model says what the test tells it to say. */
export class ScriptedLiveConnection implements LiveConnection {
  readonly liveSessionId = undefined;
  readonly bufferedBytes = 0;
  readonly resumed: boolean;
  safeToLeave = true;
  unsettledAudioMs = 0;
  readonly sent: SentToModel[] = [];
  closed = false;
  rotations = 0;
  #listener: LiveConnectionListener | undefined;

  constructor(resumed = false) {
    this.resumed = resumed;
  }

  sendContent(content: Content, { partial = false }: { readonly partial?: boolean } = {}): void {
    this.sent.push({ kind: 'content', content, partial });
  }

  sendRealtime(blob: Blob): void {
    this.sent.push({ kind: 'realtime', blob });
  }

  sendActivityStart(): void {
    this.sent.push({ kind: 'activityStart' });
  }

  sendActivityEnd(): void {
    this.sent.push({ kind: 'activityEnd' });
  }

  sendAudioStreamEnd(): void {
    this.sent.push({ kind: 'audioStreamEnd' });
  }

  sendToolResponse(responses: readonly FunctionResponse[]): void {
    this.sent.push({ kind: 'toolResponse', responses });
  }

  interrupt(): void {
    this.sent.push({ kind: 'interrupt' });
  }

  listen(listener: LiveConnectionListener): void {
    this.#listener = listener;
  }

  async rotate(): Promise<'rotated' | 'ended'> {
    this.rotations += 1;
    return this.closed ? 'ended' : 'rotated';
  }

  close(): void {
    this.end({ kind: 'client_closed' });
  }

  /** The model speaks. */
  say(message: LiveServerMessage): void {
    if (!this.closed) this.#listener?.onMessage(message);
  }

  /** The connection ends. */
  end(end: LiveConnectionEnd): void {
    if (this.closed) return;
    this.closed = true;
    this.#listener?.onEnd(end);
  }
}

/** A model that answers each connect with a scripted connection, or refuses it. */
export class ScriptedLiveModel implements LiveModel {
  readonly info: LiveModelInfo = { provider: 'scripted', model: 'scripted-model', emulated: true };
  readonly connections: ScriptedLiveConnection[] = [];
  readonly configs: LiveConnectConfig[] = [];
  refuseWith: Error | undefined;
  /** Whether it takes the handles that it is given. */
  takesHandles = true;
  capabilities: LiveModelCapabilities = { textModality: false, asyncTools: true, responseScheduling: true };

  capabilitiesOf(): LiveModelCapabilities {
    return this.capabilities;
  }

  async connect(config: LiveConnectConfig): Promise<LiveConnection> {
    this.configs.push(config);
    if (this.refuseWith) throw this.refuseWith;
    const connection = new ScriptedLiveConnection(
      this.takesHandles && config.sessionResumption?.handle !== undefined,
    );
    this.connections.push(connection);
    return connection;
  }

  /** The newest connection. */
  get connection(): ScriptedLiveConnection {
    const newest = this.connections.at(-1);
    if (!newest) throw new Error('nothing connected yet');
    return newest;
  }
}
