/** How often something took time, and how much together; both only ever grow. */
export class DurationTotal {
  #sumMs = 0;
  #count = 0;

  get sumMs(): number {
    return this.#sumMs;
  }

  get count(): number {
    return this.#count;
  }

  observe(ms: number): void {
    this.#sumMs += ms;
    this.#count += 1;
  }
}
