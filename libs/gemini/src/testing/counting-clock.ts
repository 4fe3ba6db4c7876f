import { ManualClock } from '@parley-testing/kernel';

/** Knows how many timers are running. */
export class CountingClock extends ManualClock {
  running = 0;

  override after(delayMs: number, run: () => void): () => void {
    const timer = this.#count();
    const cancel = super.after(delayMs, () => {
      timer();
      run();
    });
    return () => {
      timer();
      cancel();
    };
  }

  override every(periodMs: number, run: () => void): () => void {
    const timer = this.#count();
    const cancel = super.every(periodMs, run);
    return () => {
      timer();
      cancel();
    };
  }

  #count(): () => void {
    let counted = true;
    this.running += 1;
    return () => {
      if (counted) this.running -= 1;
      counted = false;
    };
  }
}
