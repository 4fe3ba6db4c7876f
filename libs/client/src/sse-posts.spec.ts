import { readU32 } from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { SsePosts, type PostAnswer, type PostBody } from './sse-posts.js';

interface Rig {
  readonly clock: ManualClock;
  readonly posts: SsePosts;
  readonly sent: PostBody[];
  lost: number;
  /** Answers the post under way. */
  answer(how: PostAnswer): Promise<void>;
}

function rig(): Rig {
  const clock = new ManualClock();
  const answers: ((how: PostAnswer) => void)[] = [];
  const made: Rig = {
    clock,
    sent: [],
    lost: 0,
    posts: new SsePosts({
      clock,
      send: (post) => {
        made.sent.push(post);
        return new Promise((resolve) => answers.push(resolve));
      },
      onLost: () => (made.lost += 1),
    }),
    answer: async (how) => {
      answers.shift()?.(how);
      await clock.advance(0);
    },
  };
  return made;
}

describe('posts beside an event stream', () => {
  it('sends one at a time, and in the next all that has come meanwhile', async () => {
    const { posts, sent, answer } = rig();
    posts.message({ type: 'activityStart' });
    expect(sent).toEqual([]);
    posts.start();
    posts.frame(new Uint8Array([1, 2, 3]));
    posts.frame(new Uint8Array([4]));
    expect(sent.map(({ body, seq }) => [body, seq])).toEqual([['[{"type":"activityStart"}]', 1]]);
    await answer('taken');
    const frames = sent[1]?.body;
    expect(sent[1]).toMatchObject({ contentType: 'application/octet-stream', seq: 2 });
    if (!(frames instanceof Uint8Array)) throw new Error('bytes were expected');
    expect([readU32(frames, 0), ...frames.subarray(4, 7), readU32(frames, 7), frames[11]]).toEqual([
      3, 1, 2, 3, 1, 4,
    ]);
    posts.frame(new Uint8Array([9]));
    posts.message({ type: 'activityEnd' });
    await answer('taken');
    expect(sent[2]).toEqual({
      contentType: 'application/json',
      body: '[{"a":"CQ=="},{"type":"activityEnd"}]',
      seq: 3,
    });
    expect(posts.bufferedBytes).toBeGreaterThan(0);
    await answer('taken');
    expect(posts.bufferedBytes).toBe(0);
  });

  it('sends a post again whose answer was lost, with its number, and then gives up', async () => {
    const made = rig();
    const { posts, sent, answer, clock } = made;
    posts.start();
    posts.message({ type: 'interrupt' });
    posts.message({ type: 'audioStreamEnd' });
    for (const delayMs of [250, 500, 1_000, 2_000]) {
      await answer('again');
      await clock.advance(delayMs - 1);
      const before = sent.length;
      await clock.advance(1);
      expect(sent.length).toBe(before + 1);
    }
    expect(new Set(sent.map(({ seq }) => seq))).toEqual(new Set([1]));
    expect(made.lost).toBe(0);
  });

  it('is lost once, when the stream is gone or five attempts were in vain', async () => {
    const gone = rig();
    gone.posts.start();
    gone.posts.message({ type: 'interrupt' });
    await gone.answer('gone');
    gone.posts.message({ type: 'interrupt' });
    expect([gone.lost, gone.sent.length, gone.posts.bufferedBytes]).toEqual([1, 1, 0]);
    const vain = rig();
    vain.posts.start();
    vain.posts.message({ type: 'interrupt' });
    for (let n = 0; n < 5; n++) {
      await vain.answer('again');
      await vain.clock.advance(2_000);
    }
    expect([vain.lost, vain.sent.length]).toEqual([1, 5]);
  });

  it('puts no more into a post than the server takes', async () => {
    const { posts, sent, answer } = rig();
    posts.message({ type: 'ping' });
    posts.start();
    for (let n = 0; n < 150; n++) posts.frame(new Uint8Array(2_000));
    for (let n = 0; n < 5; n++) await answer('taken');
    const sizes = sent.slice(1).map(({ body }) => body.length);
    expect(Math.max(...sizes)).toBeLessThan(256 * 1_024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(150 * 2_004);
  });
});
