import { ParleyError, silentLog } from '@parley/kernel';
import type { SessionDirectory } from '@parley/placement';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { SlotRelease } from './slot-release.js';

function rig(): {
  clock: ManualClock;
  slots: SlotRelease;
  released: string[];
  store: { away: boolean };
  up: Set<string>;
} {
  const clock = new ManualClock();
  const released: string[] = [];
  const store = { away: false };
  const up = new Set<string>();
  const release = async (liveId: string): Promise<'released'> => {
    if (store.away) throw new ParleyError('control_plane_unavailable', 'away');
    released.push(liveId);
    return 'released';
  };
  const directory = { release } as unknown as SessionDirectory;
  const slots = new SlotRelease({ directory, runs: (liveId) => up.has(liveId), clock, log: silentLog });
  return { clock, slots, released, store, up };
}

describe('SlotRelease', () => {
  it('says whether the run is over for good', async () => {
    const { slots, store } = rig();
    expect(await slots.release('live_1', 1)).toBe(true);
    store.away = true;
    expect(await slots.release('live_2', 1)).toBe(false);
  });

  it('tries again until the slot is given back, then no more', async () => {
    const { clock, slots, released, store } = rig();
    store.away = true;
    await slots.release('live_1', 1);
    await clock.advance(10_000);
    store.away = false;
    await clock.advance(10_000);
    expect(released).toEqual(['live_1']);
  });

  it('leaves alone a run that has come up meanwhile', async () => {
    const { clock, slots, released, up } = rig();
    slots.later('live_1', 1, 5_000);
    slots.later('live_2', 1, 5_000);
    up.add('live_1');
    await clock.advance(4_000);
    expect(released).toEqual([]);
    await clock.advance(2_000);
    expect(released).toEqual(['live_2']);
  });
});
