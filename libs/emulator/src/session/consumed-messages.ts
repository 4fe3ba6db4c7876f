/**
 * How far a client's messages are taken in, for transparent resumption: a snapshot taken now, with every message
 * after `index` sent again, must lose no word and hear none twice. Messages count from 1 on each connection; 0 is
 * the setup.
 *
 * 1. `index` never falls.
 * 2. While the user speaks it stays in front of the speech, and it always stays a little behind the microphone,
 *    since the beginning of speech is noticed late.
 * 3. It is undefined while no such point exists: something else came in during speech that is still going on.
 */
export class ConsumedMessages {
  readonly #lagMs: number;
  /** The message of each task that the ear has not got to, oldest first. */
  readonly #waiting: number[] = [];
  /** Messages that the ear has heard but in which speech may yet turn out to begin. */
  readonly #recent: { readonly index: number; readonly endMs: number }[] = [];
  /** For each speech that is not understood yet, what was taken in before it. */
  readonly #speeches: number[] = [];
  #last = 0;
  #lastOther = 0;
  #taken = 0;
  #heardMs = 0;
  /** 1 while speech goes on that has not ended. */
  #open = 0;

  /** `lagMs`: how long speech may have gone on before it is noticed. */
  constructor(lagMs: number) {
    this.#lagMs = lagMs;
  }

  /** Messages accepted so far. */
  get count(): number {
    return this.#last;
  }

  get index(): number | undefined {
    const [first] = this.#speeches;
    if (first === undefined) return this.#taken;
    return this.#lastOther > first ? undefined : first;
  }

  /**
   * The next message: how many tasks it gives the ear, and whether anything in it goes elsewhere (or it asks
   * nothing of anyone).
   */
  accept(earTasks: number, other: boolean): void {
    this.#last += 1;
    for (let task = 0; task < earTasks; task++) this.#waiting.push(this.#last);
    if (other) this.#lastOther = this.#last;
    this.#catchUpWithOthers();
  }

  /** The ear is through with its oldest task; one without audio marks a border of speech. */
  heard(durationMs: number): void {
    const index = this.#waiting.shift();
    if (index === undefined) return;
    this.#heardMs += durationMs;
    this.#recent.push({ index, endMs: this.#heardMs });
    if (durationMs === 0 && !this.#speaking) this.#takeUpTo(index);
    while ((this.#recent[0]?.endMs ?? Number.POSITIVE_INFINITY) <= this.#heardMs - this.#lagMs) {
      this.#taken = this.#recent.shift()?.index ?? this.#taken;
    }
    this.#catchUpWithOthers();
  }

  speechStarted(): void {
    this.#speeches.push(this.#taken);
    this.#open += 1;
  }

  /** Nothing that was heard before the message at hand belongs to later speech. */
  speechEnded(): void {
    this.#open -= 1;
    const last = this.#recent.at(-1);
    if (last) this.#takeUpTo(last.index);
  }

  /** The oldest speech is understood and part of the session now. */
  speechUnderstood(): void {
    this.#speeches.shift();
    this.#catchUpWithOthers();
  }

  get #speaking(): boolean {
    return this.#open > 0;
  }

  #takeUpTo(index: number): void {
    while (this.#recent[0] && this.#recent[0].index <= index) this.#recent.shift();
    this.#taken = Math.max(this.#taken, index);
  }

  /** What is not audio is part of the session at once, and with it all that came before. */
  #catchUpWithOthers(): void {
    if (this.#waiting.length > 0 || this.#speeches.length > 0) return;
    if (this.#lastOther > this.#taken) this.#takeUpTo(this.#lastOther);
  }
}
