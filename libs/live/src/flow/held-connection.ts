import type { Blob, Content, FunctionResponse } from '@parley/event';
import type { LiveConnection, LiveConnectionListener } from '../model/live-model.js';

/** Beyond it the oldest is dropped. The user's own words wait elsewhere: this is what tools have to say. */
const MAX_WAITING = 256;

/** A connection that can be held: then what is sent waits, in order, until it is released. */
export class HeldConnection implements LiveConnection {
  readonly #inner: LiveConnection;
  /** Undefined while nothing is held. */
  #waiting: (() => void)[] | undefined;

  constructor(inner: LiveConnection) {
    this.#inner = inner;
  }

  get liveSessionId(): string | undefined {
    return this.#inner.liveSessionId;
  }

  get resumed(): boolean {
    return this.#inner.resumed;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get safeToLeave(): boolean {
    return this.#inner.safeToLeave;
  }

  get unsettledAudioMs(): number {
    return this.#inner.unsettledAudioMs;
  }

  hold(): void {
    this.#waiting ??= [];
  }

  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const send of waiting) send();
  }

  sendContent(content: Content, options?: { readonly partial?: boolean }): void {
    this.#send(() => this.#inner.sendContent(content, options));
  }

  sendRealtime(blob: Blob): void {
    this.#send(() => this.#inner.sendRealtime(blob));
  }

  sendActivityStart(): void {
    this.#send(() => this.#inner.sendActivityStart());
  }

  sendActivityEnd(): void {
    this.#send(() => this.#inner.sendActivityEnd());
  }

  sendAudioStreamEnd(): void {
    this.#send(() => this.#inner.sendAudioStreamEnd());
  }

  sendToolResponse(responses: readonly FunctionResponse[]): void {
    this.#send(() => this.#inner.sendToolResponse(responses));
  }

  interrupt(): void {
    this.#send(() => this.#inner.interrupt());
  }

  listen(listener: LiveConnectionListener): void {
    this.#inner.listen(listener);
  }

  rotate(withinMs?: number): Promise<'rotated' | 'ended'> {
    return this.#inner.rotate(withinMs);
  }

  /** What still waits is dropped. */
  close(): void {
    this.#waiting = undefined;
    this.#inner.close();
  }

  #send(send: () => void): void {
    if (!this.#waiting) return send();
    this.#waiting.push(send);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }
}
