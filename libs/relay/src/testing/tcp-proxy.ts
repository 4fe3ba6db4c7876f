import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on the loopback whose connections a test can stall and cut. */
export class TcpProxy {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs: { readonly near: Socket; readonly far: Socket }[] = [];

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: '127.0.0.1', port: this.#targetPort, noDelay: true });
      this.#pairs.push({ near, far });
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const bound = this.#server.address();
        resolve(`127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`);
      });
    });
  }

  /** Reads nothing more of what the target sends. */
  stall(): void {
    for (const { near, far } of this.#pairs) far.unpipe(near).pause();
  }

  resume(): void {
    for (const { near, far } of this.#pairs) far.pipe(near);
  }

  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
