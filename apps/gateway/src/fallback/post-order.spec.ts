import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import {
  MAX_WAITING_BYTES,
  MAX_WAITING_POSTS,
  POST_WAIT_MS,
  PostOrder,
  type PostOutcome,
} from './post-order.js';

interface Rig {
  readonly clock: ManualClock;
  readonly order: PostOrder;
  readonly taken: number[];
  post(seq: number, options?: { settled?: number; bytes?: number }): Promise<PostOutcome>;
}

function rig(): Rig {
  const clock = new ManualClock();
  const order = new PostOrder(clock);
  const taken: number[] = [];
  return {
    clock,
    order,
    taken,
    post: (seq, { settled = 0, bytes = 100 } = {}) =>
      order.enter({ seq, settled }, bytes, () => taken.push(seq)),
  };
}

describe('the order of posts', () => {
  it('takes parallel posts in the order of their numbers', async () => {
    const { post, taken } = rig();
    const outcomes = Promise.all([post(3), post(2), post(4), post(1)]);
    expect(await outcomes).toEqual(['taken', 'taken', 'taken', 'taken']);
    expect(taken).toEqual([1, 2, 3, 4]);
  });

  it('takes a post once, however often it comes', async () => {
    const { post, taken } = rig();
    const [waiting, again] = [post(2), post(2)];
    expect(await post(1)).toBe('taken');
    expect([await waiting, await again, await post(2), await post(1)]).toEqual([
      'taken',
      'known',
      'known',
      'known',
    ]);
    expect(taken).toEqual([1, 2]);
  });

  it('does not wait for what another gateway has answered', async () => {
    const { post, taken } = rig();
    expect(await post(1)).toBe('taken');
    expect(await post(5, { settled: 4 })).toBe('taken');
    expect(await post(3)).toBe('known');
    expect(taken).toEqual([1, 5]);
  });

  it('lets a waiting post go when those before it turn out to be settled', async () => {
    const { post, taken } = rig();
    const waiting = post(3);
    expect(await post(4, { settled: 2 })).toBe('taken');
    expect(await waiting).toBe('taken');
    expect(taken).toEqual([3, 4]);
  });

  it('refuses a post whose predecessors do not come, and takes it when it comes again', async () => {
    const { clock, post, taken } = rig();
    const waiting = post(2);
    await clock.advance(POST_WAIT_MS);
    expect(await waiting).toBe('refused');
    expect(await post(1)).toBe('taken');
    expect(taken).toEqual([1]);
    expect(await post(2)).toBe('taken');
  });

  it('holds no more than a few posts, and no more than its bytes', async () => {
    const { post, order } = rig();
    const waiting = Array.from({ length: MAX_WAITING_POSTS }, (_, index) => post(index + 2));
    expect(await post(MAX_WAITING_POSTS + 2)).toBe('refused');
    order.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['refused']));
    const other = rig();
    void other.post(2, { bytes: MAX_WAITING_BYTES });
    expect(await other.post(3, { bytes: 1 })).toBe('refused');
    expect(await other.post(1)).toBe('taken');
    expect(other.taken).toEqual([1, 2]);
  });

  it('takes nothing after its end', async () => {
    const { post, order, taken } = rig();
    order.close();
    expect(await post(1)).toBe('refused');
    expect(taken).toEqual([]);
  });
});
