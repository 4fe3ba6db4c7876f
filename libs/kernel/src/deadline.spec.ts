import { getEventListeners } from 'node:events';
import { ManualClock } from './testing/index.js';
import { describe, expect, it } from 'vitest';
import { withinBounds } from './deadline.js';

const bounds = (clock: ManualClock, signal: AbortSignal) => ({
  clock,
  signal,
  withinMs: 10,
  onExpiry: () => new Error('too late'),
});

describe('Bounded work', () => {
  it('ends by itself, by its deadline or by the signal, and leaves no listener', async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    const done = withinBounds(Promise.resolve(7), bounds(clock, abort.signal));
    const failed = withinBounds(Promise.reject(new Error('broken')), bounds(clock, abort.signal));
    expect(await done).toBe(7);
    await expect(failed).rejects.toThrow('broken');
    const late = withinBounds(new Promise(() => undefined), bounds(clock, abort.signal));
    const expired = expect(late).rejects.toThrow('too late');
    await clock.advance(10);
    await expired;
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    const unwanted = withinBounds(new Promise(() => undefined), bounds(clock, abort.signal));
    abort.abort(new Error('unwanted'));
    await expect(unwanted).rejects.toThrow('unwanted');
    const after = withinBounds(new Promise(() => undefined), bounds(clock, abort.signal));
    await expect(after).rejects.toThrow('unwanted');
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});
