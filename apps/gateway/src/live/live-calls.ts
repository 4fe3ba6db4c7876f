import { ParleyError, toParleyError } from '@parley/kernel';
import { ClientConnection, type ConnectionParts } from './client-connection.js';
import type { ClientTransport } from './client-transport.js';

/** Every client connection of this gateway, whatever its transport. */
export class LiveCalls {
  readonly #parts: ConnectionParts;
  readonly #handshakesPerSecond: number;
  readonly #open = new Map<ClientConnection, ClientTransport['kind']>();
  #closing = false;
  #handshakes: { second: number; count: number } = { second: 0, count: 0 };

  constructor(parts: ConnectionParts, handshakesPerSecond: number) {
    this.#parts = parts;
    this.#handshakesPerSecond = handshakesPerSecond;
  }

  /** False when this gateway takes no connection now: it drains, or too many came in this second. */
  admit(): boolean {
    if (this.#closing) return false;
    const second = Math.floor(this.#parts.clock.monotonicMs() / 1_000);
    if (second !== this.#handshakes.second) this.#handshakes = { second, count: 0 };
    this.#handshakes.count += 1;
    return this.#handshakes.count <= this.#handshakesPerSecond;
  }

  /** Takes a new connection and serves it until it is gone. */
  accept(transport: ClientTransport): ClientConnection {
    const connection = new ClientConnection(transport, this.#parts);
    this.#open.set(connection, transport.kind);
    this.#gauge(transport.kind);
    const guarded = (run: () => void): void => {
      // whatever goes wrong with one call must not reach the others on this process
      try {
        run();
      } catch (thrown) {
        this.#parts.log.error('a message could not be handled', { error: thrown });
        connection.end(toParleyError(thrown));
      }
    };
    transport.listen({
      onText: (json) => guarded(() => connection.onText(json)),
      onBinary: (bytes) => guarded(() => connection.onBinary(bytes)),
      onClosed: () => {
        guarded(() => connection.onClosed());
        this.#open.delete(connection);
        this.#gauge(transport.kind);
      },
    });
    return connection;
  }

  /** Ends every connection with `draining`; idempotent. */
  close(): void {
    this.#closing = true;
    const draining = new ParleyError('draining', 'The gateway is going away; connect again.', {
      kind: 'unavailable',
    });
    for (const connection of this.#open.keys()) connection.end(draining);
  }

  #gauge(transport: ClientTransport['kind']): void {
    this.#parts.metrics.set(
      'live_gateway_connections',
      { transport },
      [...this.#open.values()].filter((kind) => kind === transport).length,
    );
  }
}
