import { describe, expect, it } from 'vitest';
import type { WorkerRecord } from './worker-registry.js';
import { auto, leastLoaded, packed, powerOfChoices, preferZone } from './worker-selector.js';

const workers: readonly WorkerRecord[] = Array.from({ length: 20 }, (_, i) => ({
  workerId: `w${i}`,
  incarnation: 'i1',
  address: '10.0.0.1:7946',
  state: 'ready',
  capacity: 1_000,
  used: i * 10,
  load: 0,
  zone: i % 2 === 0 ? 'a' : 'b',
  version: 1,
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

/** Twenty workers, all as full as that. */
const filled = (used: number) => workers.map((worker) => ({ ...worker, used }));

describe('packed', () => {
  it('names the fullest below 60 %, and that one only', () => {
    const fleet = workers.map((worker, i) => ({ ...worker, used: i * 50 }));
    expect(packed(fleet, () => 0)).toEqual(['w11']);
    expect(packed([{ ...filled(0)[0], load: 0.6 }, filled(10)[1]] as WorkerRecord[], () => 0)).toEqual([
      'w1',
    ]);
  });

  it('spreads when all are fuller', () => {
    expect(packed(filled(600), () => 0)).toHaveLength(3);
    expect(packed([], () => 0)).toEqual([]);
  });
});

describe('auto', () => {
  it('packs while less than 40 % is used, spreads above', () => {
    expect(auto(filled(399), () => 0)).toHaveLength(1);
    expect(auto(filled(400), () => 0)).toHaveLength(3);
    expect(auto([], () => 0)).toEqual([]);
  });
});

describe('preferZone', () => {
  const draw = preferZone('b', leastLoaded);

  it('offers workers of its zone, and others when there are none', () => {
    expect(draw(workers, () => 0).slice(0, 3)).toEqual(['w1', 'w3', 'w5']);
    expect(draw(workers, () => 0)).toHaveLength(10);
    const elsewhere = workers.filter((worker) => worker.zone === 'a');
    expect(draw(elsewhere, () => 0)).toHaveLength(10);
  });

  it('leaves the choice alone without a zone', () => {
    expect(preferZone('', leastLoaded)).toBe(leastLoaded);
  });
});

describe('leastLoaded', () => {
  it('names sixteen at most, the emptiest first', () => {
    expect(leastLoaded([...workers].reverse(), () => 0)).toEqual(
      workers.slice(0, 16).map((worker) => worker.workerId),
    );
  });
});
