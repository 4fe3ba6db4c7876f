import type { LinkTransport, TransportHandlers } from '../link-transport.js';

/**
 * A connection within the process: two transports whose bytes pass in microtasks, in order. What a handler was
 * shown is overwritten as soon as it returns, so a test fails for code that keeps a view.
 */
export class MemoryWire {
  readonly gateway: MemoryTransport;
  readonly worker: MemoryTransport;
  #tasks: (() => void)[] = [];
  #running = false;

  constructor() {
    const post = (task: () => void): void => this.#post(task);
    this.gateway = new MemoryTransport(post);
    this.worker = new MemoryTransport(post);
    this.gateway.peer = this.worker;
    this.worker.peer = this.gateway;
  }

  /** Runs everything that is due, and what follows from it, before it returns. */
  settle(): void {
    if (this.#running) return;
    this.#running = true;
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
    this.#running = false;
  }

  #post(task: () => void): void {
    this.#tasks.push(task);
    if (this.#tasks.length === 1) queueMicrotask(() => this.settle());
  }
}

const SCRIBBLE = 0xee;

export class MemoryTransport implements LinkTransport {
  peer: MemoryTransport | undefined;
  readonly #post: (task: () => void) => void;
  #handlers: TransportHandlers | undefined;
  #stalled = false;
  #held: Uint8Array | undefined;
  #ended = false;

  constructor(post: (task: () => void) => void) {
    this.#post = post;
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
  }

  write(segments: readonly Uint8Array[]): boolean {
    if (this.#ended) return true;
    const bytes = concat(segments);
    if (this.#stalled) {
      this.#held = bytes;
      return false;
    }
    this.#post(() => this.peer?.receive(bytes));
    return true;
  }

  schedule(flush: () => void): void {
    this.#post(flush);
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#post(() => this.peer?.destroy());
    this.#post(() => this.#handlers?.onEnd());
  }

  /** From now on the next write is held and blocks, as behind a peer that does not read. */
  stall(): void {
    this.#stalled = true;
  }

  resume(): void {
    this.#stalled = false;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    this.#post(() => this.peer?.receive(held));
    this.#post(() => this.#handlers?.onWritable());
  }

  receive(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#handlers?.onData(bytes);
    bytes.fill(SCRIBBLE);
  }
}

function concat(segments: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(segments.reduce((sum, segment) => sum + segment.byteLength, 0));
  let at = 0;
  for (const segment of segments) {
    bytes.set(segment, at);
    at += segment.byteLength;
  }
  return bytes;
}
