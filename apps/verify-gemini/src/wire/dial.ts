import type { Clock } from '@parley/kernel';
import { WebSocket, type ClientOptions } from 'ws';

export interface DialOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly handshakeTimeoutMs: number;
  /** Whether to offer compression, which Parley itself never does. */
  readonly offersDeflate?: boolean;
  readonly signal: AbortSignal;
}

/** What came of an upgrade request. */
export type DialOutcome =
  | {
      readonly kind: 'open';
      readonly socket: WebSocket;
      readonly upgradeMs: number;
      /** What the server accepted of the offered extensions, '' for none. */
      readonly extensions: string;
    }
  | { readonly kind: 'refused'; readonly httpStatus: number }
  | { readonly kind: 'failed'; readonly reason: string };

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Asks for a WebSocket. Never rejects, and leaves no socket behind but an open one, which is then the caller's. */
export function dial(options: DialOptions): Promise<DialOutcome> {
  const { clock, handshakeTimeoutMs, headers, offersDeflate = false, signal, url } = options;
  const startedMs = clock.monotonicMs();
  const ask: ClientOptions = {
    headers: { ...headers },
    handshakeTimeout: handshakeTimeoutMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: offersDeflate,
    followRedirects: false,
  };
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ask);
    const abort = (): void => socket.terminate();
    const settle = (outcome: DialOutcome): void => {
      signal.removeEventListener('abort', abort);
      if (outcome.kind !== 'open') socket.terminate();
      resolve(outcome);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => settle({ kind: 'failed', reason: error.message }));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      settle({ kind: 'refused', httpStatus: response.statusCode ?? 0 });
    });
    socket.on('open', () => {
      const upgradeMs = Math.round(clock.monotonicMs() - startedMs);
      settle({ kind: 'open', socket, upgradeMs, extensions: socket.extensions });
    });
    if (signal.aborted) abort();
  });
}
