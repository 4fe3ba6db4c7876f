/**
 * A queue between one producer that never waits and one consumer that does.
 *
 * 1. `push` never blocks and never throws; it answers false when the queue is full or closed.
 * 2. Items come out in the order they went in.
 * 3. After `close` what is queued is still delivered, then iteration ends; after `fail` iteration throws.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #head = 0;
  #wake: (() => void) | undefined;
  #end: { readonly error?: unknown } | undefined;
  readonly #capacity: number;

  constructor(options: { readonly capacity: number }) {
    this.#capacity = options.capacity;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  push(item: T): boolean {
    if (this.#end !== undefined || this.size >= this.#capacity) return false;
    this.#items.push(item);
    this.#wakeUp();
    return true;
  }

  /** Takes the next item without waiting; undefined when nothing is queued. */
  shift(): T | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops every queued item for which `unwanted` holds and returns how many those were. */
  discard(unwanted: (item: T) => boolean): number {
    const before = this.size;
    this.#items = this.#items.slice(this.#head).filter((item) => !unwanted(item));
    this.#head = 0;
    return before - this.#items.length;
  }

  close(): void {
    this.#end ??= {};
    this.#wakeUp();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wakeUp();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.size > 0) yield this.shift() as T;
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
