import type { Clock, ParleyError } from '@parley/kernel';
import type { Session } from '@google/genai';
import type { SetupPlan } from './connect-config.js';
import {
  cancelled,
  lostBeforeSetup,
  protocolBroken,
  refusedBySdk,
  timedOut,
  type ConnectStage,
} from './connect-errors.js';
import { asRecord, asText, parseRecord } from './proto-json.js';
import { ProviderSocket, type ProviderSocketOptions } from './provider-socket.js';
import type { SdkClient, SdkSocket, SdkSocketFactory } from './sdk-client.js';
import { SdkSocketAdapter } from './sdk-socket.js';

export interface SdkConnectOptions {
  readonly client: SdkClient;
  readonly plan: SetupPlan;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly masking: ProviderSocketOptions['masking'];
  readonly onSinkError: (error: unknown) => void;
  readonly onProtocolError: () => void;
  readonly signal: AbortSignal | undefined;
}

/** A connection whose set-up the model has accepted. Frames that came since wait in `socket` for a sink. */
export interface OpenedSession {
  readonly session: Session;
  readonly socket: ProviderSocket;
  readonly adapter: SdkSocketAdapter;
  /** Named by Vertex only. */
  readonly sessionId: string | undefined;
}

/**
 * The race between the SDK's `connect`, which on its own may never settle, and everything that can go wrong: the
 * deadline, the caller's signal, a refused or broken socket, an answer that is none.
 *
 * 1. Settles once: after `timeoutMs` at the latest, at once on `signal`. Never leaves an unhandled rejection.
 * 2. When it rejects (with a `ParleyError`) the socket is terminated, and one that the SDK asks for later is never
 *    dialled.
 */
export function sdkConnect(options: SdkConnectOptions): Promise<OpenedSession> {
  return new Promise((resolve, reject) => new Attempt(options, resolve, reject).start());
}

class Attempt {
  readonly #options: SdkConnectOptions;
  readonly #resolve: (opened: OpenedSession) => void;
  readonly #reject: (error: ParleyError) => void;
  #settled = false;
  #socket: ProviderSocket | undefined;
  #adapter: SdkSocketAdapter | undefined;
  #sessionId: string | undefined;
  #cancelTimer: () => void = () => undefined;
  readonly #onAbort = (): void => this.#fail(cancelled());

  constructor(
    options: SdkConnectOptions,
    resolve: (opened: OpenedSession) => void,
    reject: (error: ParleyError) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { client, clock, plan, signal, timeoutMs } = this.#options;
    if (signal?.aborted) return this.#fail(cancelled());
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#cancelTimer = clock.after(timeoutMs, () => this.#fail(timedOut(this.#stage(), timeoutMs)));
    const factory: SdkSocketFactory = {
      create: (url, headers, callbacks) => this.#createSocket(url, headers, callbacks),
    };
    client
      .liveThrough(factory)
      .connect({ model: plan.model, config: plan.sdkConfig, callbacks: { onmessage: () => undefined } })
      .then(
        (session) => this.#succeed(session),
        (error: unknown) => this.#fail(refusedBySdk(this.#stage(), error)),
      );
  }

  #createSocket(...[url, headers, callbacks]: Parameters<SdkSocketFactory['create']>): SdkSocket {
    // Credentials came after the caller had gone; the SDK goes on all the same.
    if (this.#settled) return NO_SOCKET;
    const { clock, masking, onSinkError, plan, timeoutMs: handshakeTimeoutMs } = this.#options;
    const socket = new ProviderSocket({ url, headers, clock, handshakeTimeoutMs, masking, onSinkError });
    const adapter = new SdkSocketAdapter(socket, callbacks, plan.splice);
    this.#socket = socket;
    this.#adapter = adapter;
    socket.attach({
      onFrame: (frame) => this.#receive(frame),
      onEnd: (end) => this.#fail(lostBeforeSetup(this.#stage(), end)),
    });
    return adapter;
  }

  #receive(frame: Buffer): void {
    const adapter = this.#adapter;
    if (!adapter?.setupSent) return this.#breach('The model spoke before it was asked.');
    const message = parseRecord(frame.toString());
    if (!message) return this.#breach('The model answered the set-up with something that is not a message.');
    const setupComplete = asRecord(message['setupComplete']);
    // The protocol lets nothing come before it, and what does can not be about this session.
    if (!setupComplete) return this.#options.onProtocolError();
    this.#sessionId = asText(setupComplete['sessionId']);
    this.#socket?.detach();
    adapter.showSetupComplete(frame);
  }

  #breach(what: string): void {
    this.#options.onProtocolError();
    this.#fail(protocolBroken(what));
  }

  #succeed(session: Session): void {
    const [socket, adapter] = [this.#socket, this.#adapter];
    if (!socket || !adapter)
      return this.#fail(protocolBroken('The SDK connected on a socket that is not ours.'));
    if (this.#settle()) this.#resolve({ session, socket, adapter, sessionId: this.#sessionId });
  }

  #fail(error: ParleyError): void {
    if (!this.#settle()) return;
    this.#socket?.detach();
    this.#socket?.terminate();
    this.#reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#cancelTimer();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }

  #stage(): ConnectStage {
    if (!this.#adapter) return 'credentials';
    return this.#adapter.setupSent ? 'setup' : 'upgrade';
  }
}

const NO_SOCKET: SdkSocket = {
  connect: () => undefined,
  send: () => undefined,
  close: () => undefined,
};
