import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export interface TcpProxyOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly target: Target;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

type Pair = readonly [near: Socket, far: Socket];

/**
 * A TCP proxy on loopback, to break the line between two processes without touching either.
 *
 * 1. `hold` is a partition: connections stay open and no byte passes, new ones are taken and stay silent. TCP loses
 *    nothing, so what was sent meanwhile arrives after `heal`.
 * 2. `refuse` is a host whose process is gone: connections are reset and the port refuses, until `heal`.
 * 3. `throttle` lets so many bytes a second come back from the target on each connection, undefined: all.
 * 4. What ends one side of a connection ends the other, unless it is held: then when it heals.
 * 5. `close` resets what is open; idempotent.
 */
export class TcpProxy {
  readonly host: string;
  readonly #pairs = new Set<Pair>();
  readonly #waiting = new Set<Socket>();
  #server: Server | undefined;
  #port: number;
  #target: Target;
  #held = false;
  #closed = false;
  #bytesPerS: number | undefined;
  #changing: Promise<void> = Promise.resolve();

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    await proxy.#listen();
    return proxy;
  }

  private constructor({ host = '127.0.0.1', port = 0, target }: TcpProxyOptions) {
    this.host = host;
    this.#port = port;
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#pairs.size + this.#waiting.size;
  }

  /** Where new connections go from now on. */
  retarget(target: Target): void {
    this.#target = target;
  }

  throttle(bytesPerS: number | undefined): void {
    this.#bytesPerS = bytesPerS;
  }

  hold(): void {
    this.#held = true;
    for (const [near, far] of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  refuse(): Promise<void> {
    return this.#change(async () => {
      const server = this.#server;
      this.#server = undefined;
      this.reset();
      if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
    });
  }

  /** Ends `hold` and `refuse`. */
  heal(): Promise<void> {
    return this.#change(async () => {
      this.#held = false;
      if (!this.#server && !this.#closed) await this.#listen();
      for (const [near, far] of this.#pairs) {
        near.resume();
        far.resume();
      }
      for (const near of this.#waiting) this.#join(near);
      this.#waiting.clear();
    });
  }

  /** Resets every open connection; new ones are taken as before. */
  reset(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    for (const near of this.#waiting) near.resetAndDestroy();
    this.#pairs.clear();
    this.#waiting.clear();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.refuse();
  }

  #change(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change, change);
    return this.#changing;
  }

  async #listen(): Promise<void> {
    const server = createServer({ noDelay: true }, (near) => this.#take(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.host, resolve);
    });
    server.unref();
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  #take(near: Socket): void {
    near.on('error', () => undefined);
    if (!this.#held) return this.#join(near);
    near.pause();
    this.#waiting.add(near);
    near.once('close', () => this.#waiting.delete(near));
  }

  #join(near: Socket): void {
    const far = connect({ ...this.#target, noDelay: true });
    const pair: Pair = [near, far];
    this.#pairs.add(pair);
    far.on('error', () => near.resetAndDestroy());
    near.on('error', () => far.resetAndDestroy());
    near.on('close', () => this.#part(pair, far));
    far.on('close', () => this.#part(pair, near));
    near.on('data', (bytes: Buffer) => this.#pass(bytes, near, far));
    far.on('data', (bytes: Buffer) => {
      if (this.#bytesPerS === undefined) this.#pass(bytes, far, near);
      else this.#trickle(bytes, this.#bytesPerS, far, near);
    });
    if (this.#held) far.pause();
    else near.resume();
  }

  #pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => {
      if (!this.#held) from.resume();
    });
  }

  /** One piece as late as the rate asks, and nothing is read meanwhile. */
  #trickle(bytes: Buffer, bytesPerS: number, from: Socket, to: Socket): void {
    from.pause();
    const step = Math.max(1, Math.round(bytesPerS / 20));
    const next = (at: number): void => {
      if (to.destroyed) return;
      if (at >= bytes.byteLength) {
        if (!this.#held) from.resume();
        return;
      }
      to.write(bytes.subarray(at, at + step));
      setTimeout(() => next(at + step), 50).unref();
    };
    next(0);
  }

  #part(pair: Pair, other: Socket): void {
    this.#pairs.delete(pair);
    other.destroySoon();
  }
}
