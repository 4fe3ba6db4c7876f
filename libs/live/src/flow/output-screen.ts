/**
 * Looks at what the model says while it says it. One look at a time; of what comes meanwhile only the newest, which
 * holds all of its turn, is looked at next. A turn that ends meanwhile is still looked at to its end.
 */
export class OutputScreen {
  readonly #mayPass: (said: string) => Promise<boolean>;
  #said = '';
  /** Whether `#said` has words that have not been looked at. */
  #unseen = false;
  /** Turns that ended before their last words were looked at. */
  #ended: string[] = [];
  #looking = false;

  constructor(mayPass: (said: string) => Promise<boolean>) {
    this.#mayPass = mayPass;
  }

  /** A piece of the model's turn. */
  accept(text: string): void {
    if (text === '') return;
    this.#said += text;
    this.#unseen = true;
    if (!this.#looking) void this.#look();
  }

  turnEnded(): void {
    if (this.#unseen) this.#ended.push(this.#said);
    this.#said = '';
    this.#unseen = false;
  }

  /** Once something was refused, nothing is looked at any more. */
  async #look(): Promise<void> {
    this.#looking = true;
    for (let said = this.#next(); said !== undefined; said = this.#next()) {
      if (!(await this.#mayPass(said))) return;
    }
    this.#looking = false;
  }

  #next(): string | undefined {
    const ended = this.#ended.shift();
    if (ended !== undefined || !this.#unseen) return ended;
    this.#unseen = false;
    return this.#said;
  }
}
