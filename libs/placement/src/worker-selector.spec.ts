import { describe, expect, it } from 'vitest';
import type { WorkerRecord } from './worker-registry.js';
import { leastLoaded, powerOfChoices } from './worker-selector.js';

const workers: readonly WorkerRecord[] = Array.from({ length: 20 }, (_, i) => ({
  workerId: `w${i}`,
  incarnation: 'i1',
  address: '10.0.0.1:7946',
  state: 'ready',
  capacity: 1_000,
  used: i * 10,
  load: 0,
  alive: true,
}));

describe('powerOfChoices', () => {
  it('keeps the three least loaded of four drawn, best first', () => {
    const draws = [0.95, 0.5, 0.05, 0.3];
    expect(powerOfChoices(workers, () => draws.shift() ?? 0)).toEqual(['w0', 'w6', 'w9']);
  });

  it('counts a busy machine as a full one', () => {
    const two = [
      { ...workers[0], load: 0.9 },
      { ...workers[1], used: 500 },
    ] as WorkerRecord[];
    expect(powerOfChoices(two, () => 0)).toEqual(['w1', 'w0']);
  });

  it('never draws a worker twice and makes do with few', () => {
    for (const random of [() => 0, () => 0.999]) {
      expect(new Set(powerOfChoices(workers, random)).size).toBe(3);
      expect(powerOfChoices(workers.slice(0, 2), random)).toHaveLength(2);
      expect(powerOfChoices([], random)).toEqual([]);
    }
  });
});

describe('leastLoaded', () => {
  it('names sixteen at most, the emptiest first', () => {
    expect(leastLoaded([...workers].reverse(), () => 0)).toEqual(
      workers.slice(0, 16).map((worker) => worker.workerId),
    );
  });
});
