import { describe, expect, it } from 'vitest';
import { AsyncQueue } from './async-queue.js';

async function drained<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of queue) out.push(item);
  return out;
}

describe('AsyncQueue', () => {
  it('delivers in order, also what comes while somebody waits, and ends after close', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10_000 });
    const reading = drained(queue);
    for (let i = 0; i < 5_000; i++) queue.push(i);
    await Promise.resolve();
    queue.push(5_000);
    queue.close();
    expect(await reading).toEqual(Array.from({ length: 5_001 }, (_, i) => i));
  });

  it('refuses what is over its bound, and what comes after close', () => {
    const queue = new AsyncQueue<number>({ capacity: 2 });
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    queue.shift();
    expect(queue.push(4)).toBe(true);
    queue.close();
    expect(queue.push(5)).toBe(false);
  });

  it('discards what is unwanted and keeps the rest in order', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 });
    for (let i = 0; i < 6; i++) queue.push(i);
    queue.shift();
    expect(queue.discard((item) => item % 2 === 1)).toBe(3);
    queue.close();
    expect(await drained(queue)).toEqual([2, 4]);
  });

  it('throws what it failed with, after what was queued', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 });
    queue.push(1);
    queue.fail(new Error('gone'));
    const out: number[] = [];
    const reading = (async () => {
      for await (const item of queue) out.push(item);
    })();
    await expect(reading).rejects.toThrow('gone');
    expect(out).toEqual([1]);
  });
});
