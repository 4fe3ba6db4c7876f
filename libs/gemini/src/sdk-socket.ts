import type { OutboundGate } from './outbound-gate.js';
import { parseRecord } from './proto-json.js';
import type { ProviderSocket } from './provider-socket.js';
import type { SdkSocket, SdkSocketCallbacks } from './sdk-client.js';

/**
 * What the SDK takes for its socket.
 *
 * 1. The SDK's first frame is the set-up; fields that the SDK drops are merged into it. Later ones pass the gate.
 * 2. The SDK is shown one message, `setupComplete`, and hears of no other, of no error and of no end: it turns bad
 *    frames and exceptions of callbacks into unhandled rejections, and waits for ever where a connection fails.
 */
export class SdkSocketAdapter implements SdkSocket {
  readonly #socket: ProviderSocket;
  readonly #callbacks: SdkSocketCallbacks;
  readonly #splice: Readonly<Record<string, unknown>>;
  #setupSent = false;
  #gate: OutboundGate | undefined;

  constructor(
    socket: ProviderSocket,
    callbacks: SdkSocketCallbacks,
    splice: Readonly<Record<string, unknown>>,
  ) {
    this.#socket = socket;
    this.#callbacks = callbacks;
    this.#splice = splice;
  }

  get setupSent(): boolean {
    return this.#setupSent;
  }

  connect(): void {
    this.#socket.dial(() => {
      this.#callbacks.onopen();
    });
  }

  send(text: string): void {
    if (this.#setupSent) return this.#gate?.control(text);
    this.#setupSent = true;
    this.#socket.send(spliceSetup(text, this.#splice));
  }

  close(): void {
    this.#socket.terminate();
  }

  /** Lets the SDK's `connect` go on. `frame` is JSON with `setupComplete` in it. */
  showSetupComplete(frame: Buffer): void {
    this.#callbacks.onmessage({ data: frame.toString() });
  }

  sendThrough(gate: OutboundGate): void {
    this.#gate = gate;
  }
}

function spliceSetup(text: string, extra: Readonly<Record<string, unknown>>): string {
  if (Object.keys(extra).length === 0) return text;
  const message = parseRecord(text);
  return JSON.stringify({ ...message, setup: { ...asObject(message?.['setup']), ...extra } });
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
