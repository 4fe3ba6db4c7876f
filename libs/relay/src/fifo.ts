const FIRST_CAPACITY = 8;

/** A queue in a ring of slots that doubles when full: in steady state adding and taking allocate nothing. */
export class Fifo<T> {
  #slots: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size += 1;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size -= 1;
    return item;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const larger = new Array<T | undefined>(Math.max(FIRST_CAPACITY, this.#slots.length * 2)).fill(undefined);
    for (let i = 0; i < this.#size; i++) {
      larger[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    }
    this.#slots = larger;
    this.#head = 0;
  }
}
