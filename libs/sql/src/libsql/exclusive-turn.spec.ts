import { ManualClock, settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { ExclusiveTurn } from './exclusive-turn.js';

describe('ExclusiveTurn', () => {
  const clock = new ManualClock();
  const make = (capacity = 10): ExclusiveTurn => new ExclusiveTurn({ clock, capacity, waitMs: 1_000 });

  it('lets one in at a time, in the order of asking', async () => {
    const turn = make();
    const order: number[] = [];
    await turn.take();
    const waiting = [1, 2, 3].map((n) => turn.take().then(() => order.push(n)));
    await settle();
    expect(order).toEqual([]);
    turn.give();
    await settle();
    expect(order).toEqual([1]);
    turn.give();
    turn.give();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  it('refuses who comes when too many wait', async () => {
    const turn = make(1);
    await turn.take();
    const waiting = turn.take();
    await expect(turn.take()).rejects.toMatchObject({ code: 'control_plane_unavailable', retryable: true });
    turn.give();
    await waiting;
  });

  it('refuses who waited too long, and passes the turn to the next one', async () => {
    const turn = make();
    await turn.take();
    const early = expect(turn.take()).rejects.toMatchObject({ code: 'control_plane_unavailable' });
    await clock.advance(600);
    const late = turn.take();
    await clock.advance(500);
    await early;
    turn.give();
    await expect(late).resolves.toBeUndefined();
  });

  it('closes after those who were let in, and lets nobody else in', async () => {
    const turn = make();
    await turn.take();
    const waiting = turn.take();
    let closed = false;
    const closing = turn.close().then(() => (closed = true));
    await expect(turn.take()).rejects.toMatchObject({ code: 'control_plane_unavailable' });
    turn.give();
    await waiting;
    await settle();
    expect(closed).toBe(false);
    turn.give();
    await closing;
    await turn.close();
  });
});
