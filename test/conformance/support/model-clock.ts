import { ManualClock } from '@parley-testing/kernel';

/** The clock of a model's connection, moved by the test; it keeps what it was asked to wait for. */
export class ModelClock extends ManualClock {
  /** Of every timer that ran or runs, in the order in which they were set. */
  readonly delaysMs: number[] = [];

  override after(delayMs: number, run: () => void): () => void {
    this.delaysMs.push(delayMs);
    return super.after(delayMs, run);
  }

  /** Time passes, 50 ms of it in some 2 ms, until `awaited` has come; resolves with what came. */
  async passing<T>(awaited: Promise<T>): Promise<T> {
    const waiting = { over: false };
    void awaited.then(
      () => (waiting.over = true),
      () => (waiting.over = true),
    );
    while (!waiting.over) {
      await this.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return awaited;
  }
}

/** Options of a model on such a clock whose own deadlines never come: the far end and this machine may be slow. */
export function patient(clock: ModelClock): {
  readonly clock: ModelClock;
  readonly connectTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly closeGraceMs: number;
} {
  return { clock, connectTimeoutMs: NEVER_MS, pingEveryMs: NEVER_MS, closeGraceMs: NEVER_MS };
}

const NEVER_MS = 86_400_000;
