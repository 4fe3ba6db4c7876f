import type { ClientMessageInput } from '@parley/wire';
import type { LiveTransport, TransportEnd, TransportListener } from './transport.js';

/**
 * Dials several gateways: each connection begins with the address after the one that the connection before got, and
 * goes through all of them until one opens.
 */
export function dialInTurn(
  urls: readonly string[],
  transportTo: (url: string) => LiveTransport,
): () => LiveTransport {
  let next = 0;
  return () =>
    new InTurnTransport(urls.length, () => {
      const url = urls[next % urls.length] ?? '';
      next += 1;
      return transportTo(url);
    });
}

/** A transport that is another one: the first of `untried` that opens. */
class InTurnTransport implements LiveTransport {
  readonly #dialNext: () => LiveTransport;
  #untried: number;
  #current: LiveTransport | undefined;
  #closed = false;

  constructor(untried: number, dialNext: () => LiveTransport) {
    this.#untried = untried;
    this.#dialNext = dialNext;
  }

  get bufferedBytes(): number {
    return this.#current?.bufferedBytes ?? 0;
  }

  open(listener: TransportListener): void {
    let opened = false;
    const ended = (end: TransportEnd): void => {
      if (!opened && !this.#closed && this.#untried > 0) this.open(listener);
      else listener.closed(end);
    };
    this.#untried -= 1;
    this.#current = this.#dialNext();
    this.#current.open({
      opened: () => {
        opened = true;
        listener.opened();
      },
      message: (value) => listener.message(value),
      frame: (bytes) => listener.frame(bytes),
      closed: ended,
    });
  }

  sendMessage(message: ClientMessageInput): void {
    this.#current?.sendMessage(message);
  }

  sendFrame(bytes: Uint8Array): void {
    this.#current?.sendFrame(bytes);
  }

  close(code: number, reason: string): void {
    this.#closed = true;
    this.#current?.close(code, reason);
  }
}
