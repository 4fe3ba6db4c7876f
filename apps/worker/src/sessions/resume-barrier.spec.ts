import type { CancelTimer, Clock } from '@parley/kernel';
import { ManualClock, settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { MAX_HOLD_MS, ResumeBarrier, STILL_MS } from './resume-barrier.js';

/** A clock on which time passes while nothing runs: as for a process that was stopped. */
class StoppableClock implements Clock {
  readonly inner = new ManualClock();
  #stoodMs = 0;

  nowMs(): number {
    return this.inner.nowMs() + this.#stoodMs;
  }

  monotonicMs(): number {
    return this.inner.monotonicMs() + this.#stoodMs;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    return this.inner.after(delayMs, run);
  }

  every(periodMs: number, run: () => void): CancelTimer {
    return this.inner.every(periodMs, run);
  }

  standStill(ms: number): void {
    this.#stoodMs += ms;
  }
}

function rig(): { clock: StoppableClock; barrier: ResumeBarrier; log: string[]; answer: () => void } {
  const clock = new StoppableClock();
  const log: string[] = [];
  let answer = (): void => undefined;
  const barrier = new ResumeBarrier({
    clock,
    confirm: () => {
      log.push('asked');
      return new Promise((resolve) => (answer = resolve));
    },
    onHold: () => log.push('held'),
    onRelease: () => log.push('released'),
  });
  return { clock, barrier, log, answer: () => answer() };
}

describe('ResumeBarrier', () => {
  it('lets everything pass while the process runs', async () => {
    const { clock, barrier, log } = rig();
    for (let n = 0; n < 100; n++) {
      await clock.inner.advance(150);
      expect(barrier.look()).toBe(true);
    }
    clock.standStill(STILL_MS - 200);
    await clock.inner.advance(10);
    expect([barrier.look(), log]).toEqual([true, []]);
  });

  it('holds from the first send after a stop until the registry has answered', async () => {
    const { clock, barrier, log, answer } = rig();
    clock.standStill(STILL_MS + 1);
    expect(barrier.look()).toBe(false);
    await clock.inner.advance(500);
    expect([barrier.look(), log]).toEqual([false, ['held', 'asked']]);
    answer();
    await settle();
    expect([barrier.look(), log]).toEqual([true, ['held', 'asked', 'released']]);
  });

  it('notices a stop by itself when nobody sends', async () => {
    const { clock, log } = rig();
    clock.standStill(10_000);
    await clock.inner.advance(200);
    expect(log).toEqual(['held', 'asked']);
  });

  it('holds no longer than a second for a registry that does not answer (I11)', async () => {
    const { clock, barrier, log, answer } = rig();
    clock.standStill(10_000);
    barrier.look();
    await clock.inner.advance(MAX_HOLD_MS);
    expect([barrier.look(), log.at(-1)]).toEqual([true, 'released']);
    answer();
    await settle();
    expect(log).toEqual(['held', 'asked', 'released']);
  });

  it('lets go of what is held when it is closed', () => {
    const { clock, barrier, log } = rig();
    clock.standStill(10_000);
    barrier.look();
    barrier.close();
    barrier.close();
    expect(log).toEqual(['held', 'asked', 'released']);
  });
});
