import type { Clock } from '@parley/kernel';

/** How long a post waits for those before it, and how much may wait. */
export const POST_WAIT_MS = 5_000;
export const MAX_WAITING_POSTS = 8;
export const MAX_WAITING_BYTES = 524_288;

/** Where a post stands among those of its stream. */
export interface PostNumber {
  /** Counts the posts of a stream from 1. */
  readonly seq: number;
  /** Every post up to this one has been answered, perhaps by another gateway: it is not waited for. */
  readonly settled: number;
}

/**
 * `taken`: it was its turn. `known`: it was taken before, and is not taken again. `refused`: those before it did not
 * come in time, or too much waits already; the same post may be sent again.
 */
export type PostOutcome = 'taken' | 'known' | 'refused';

interface WaitingPost {
  readonly bytes: number;
  readonly take: () => void;
  readonly outcome: Promise<'taken' | 'refused'>;
  readonly settle: (outcome: 'taken' | 'refused') => void;
}

/**
 * Puts the posts of one stream in the order in which their client made them: they come over several connections, and
 * come again when an answer was lost.
 *
 * 1. `take` is called at most once for a number, and in rising order of numbers.
 * 2. At most `MAX_WAITING_POSTS` and `MAX_WAITING_BYTES` wait, each at most `POST_WAIT_MS`.
 * 3. After `close` nothing is taken; what waits is refused.
 */
export class PostOrder {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, WaitingPost>();
  #last = 0;
  #waitingBytes = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `take` is called when it is the post's turn, and must not throw. `bytes` is what holding it costs. */
  async enter({ seq, settled }: PostNumber, bytes: number, take: () => void): Promise<PostOutcome> {
    if (this.#closed) return 'refused';
    if (seq <= this.#last) return 'known';
    const sameOne = this.#waiting.get(seq);
    if (sameOne) return (await sameOne.outcome) === 'taken' ? 'known' : 'refused';
    this.#last = Math.max(this.#last, Math.min(settled, seq - 1));
    this.#takeWaiting();
    if (seq > this.#last + 1) return this.#wait(seq, bytes, take);
    this.#last = seq;
    take();
    this.#takeWaiting();
    return 'taken';
  }

  close(): void {
    this.#closed = true;
    for (const { settle } of [...this.#waiting.values()]) settle('refused');
  }

  #wait(seq: number, bytes: number, take: () => void): PostOutcome | Promise<PostOutcome> {
    if (this.#waiting.size >= MAX_WAITING_POSTS || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return 'refused';
    }
    let resolve: (how: 'taken' | 'refused') => void = () => undefined;
    const outcome = new Promise<'taken' | 'refused'>((settled) => (resolve = settled));
    const cancel = this.#clock.after(POST_WAIT_MS, () => settle('refused'));
    const settle = (how: 'taken' | 'refused'): void => {
      cancel();
      if (this.#waiting.delete(seq)) this.#waitingBytes -= bytes;
      resolve(how);
    };
    this.#waiting.set(seq, { bytes, take, outcome, settle });
    this.#waitingBytes += bytes;
    return outcome;
  }

  #takeWaiting(): void {
    for (let next = this.#waiting.get(this.#last + 1); next; next = this.#waiting.get(this.#last + 1)) {
      this.#last += 1;
      next.settle('taken');
      next.take();
    }
  }
}
