import { sleep, toParleyError } from '@parley/kernel';
import { ClientConnection, type ConnectionParts } from './client-connection.js';
import type { ClientTransport } from './client-transport.js';
import { refusals } from './refusals.js';

/** Over how long they are to spread their coming back, so that the other gateways are not run over. */
const SPREAD_MS = 5_000;
const LOOK_MS = 50;

/** Every client connection of this gateway, whatever its transport. */
export class LiveCalls {
  readonly #parts: ConnectionParts;
  readonly #handshakesPerSecond: number;
  readonly #open = new Map<ClientConnection, ClientTransport['kind']>();
  #draining = false;
  #handshakes: { second: number; count: number } = { second: 0, count: 0 };

  constructor(parts: ConnectionParts, handshakesPerSecond: number) {
    this.#parts = parts;
    this.#handshakesPerSecond = handshakesPerSecond;
  }

  /** False when this gateway takes no connection now: it drains, or too many came in this second. */
  admit(): boolean {
    if (this.#draining) return false;
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
        connection.fail(toParleyError(thrown));
      }
    };
    transport.listen({
      onText: (json) => guarded(() => connection.onText(json)),
      onBinary: (bytes) => guarded(() => connection.onBinary(bytes)),
      onClosed: (how) => {
        guarded(() => connection.onClosed(how));
        this.#open.delete(connection);
        this.#gauge(transport.kind);
      },
    });
    return connection;
  }

  /**
   * Takes nobody any more, asks every client to go elsewhere, and resolves when all have left; after `withinMs` the rest
   * is closed with `draining`. Runs go on: they wait for their clients. A second call does nothing new.
   */
  async drain(withinMs: number): Promise<void> {
    const { clock } = this.#parts;
    const endMs = clock.monotonicMs() + withinMs;
    if (!this.#draining) {
      this.#draining = true;
      for (const connection of this.#open.keys()) connection.goAway(withinMs, Math.min(SPREAD_MS, withinMs));
    }
    while (this.#open.size > 0 && clock.monotonicMs() < endMs) await sleep(clock, LOOK_MS);
    for (const connection of [...this.#open.keys()]) connection.fail(refusals.draining());
  }

  /** In development: ends the worker of a call as if it had crashed. False when this gateway has no such call. */
  crashWorkerOf(liveId: string, tenantId: string): boolean {
    for (const { route } of this.#open.keys()) {
      if (route?.liveId === liveId && route.grant.tenantId === tenantId) return route.crashWorker();
    }
    return false;
  }

  #gauge(transport: ClientTransport['kind']): void {
    this.#parts.metrics.set(
      'live_gateway_connections',
      { transport },
      [...this.#open.values()].filter((kind) => kind === transport).length,
    );
  }
}
