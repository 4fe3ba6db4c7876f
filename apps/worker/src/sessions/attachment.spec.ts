import type { FrameChannel } from '@parley/relay';
import { ManualClock } from '@parley-testing/kernel';
import { channelPair } from '@parley-testing/relay';
import { describe, expect, it } from 'vitest';
import { Attachment, GRACE_MS } from './attachment.js';

function rig(last = 0): {
  clock: ManualClock;
  attachment: Attachment;
  channel: () => FrameChannel;
  expired: number[];
} {
  const clock = new ManualClock();
  const expired: number[] = [];
  const onExpired = (): void => void expired.push(clock.monotonicMs());
  const attachment = new Attachment({ clock, windowMs: 1_000, last, onExpired });
  return { clock, attachment, channel: () => channelPair({ clock }).worker, expired };
}

const admits = (attachment: Attachment, after?: number): boolean => {
  try {
    attachment.admit(after);
    return true;
  } catch {
    return false;
  }
};

describe('Attachment', () => {
  it('numbers each attach on from the last that any owner gave', () => {
    const { attachment, channel } = rig(7);
    const first = channel();
    expect([attachment.attach(first), attachment.number]).toEqual([undefined, 8]);
    expect([attachment.attach(channel()), attachment.number]).toEqual([first, 9]);
  });

  it('takes the last number that was shown, however many attaches their client never heard of', () => {
    const { attachment, channel } = rig(7);
    for (let lost = 0; lost < 3; lost += 1) {
      expect(admits(attachment, 7)).toBe(true);
      attachment.attach(channel());
      attachment.detach();
    }
    expect(attachment.number).toBe(10);
    expect(admits(attachment, 6)).toBe(false);
    expect(admits(attachment, 7)).toBe(true);
  });

  it('takes the newest number, the one before for 30 s, and always who shows none', async () => {
    const { clock, attachment, channel } = rig(7);
    attachment.attach(channel());
    expect([5, 7, 8, 9].map((after) => admits(attachment, after))).toEqual([false, true, true, false]);
    // who has shown the newer one has the newer one
    expect(admits(attachment, 7)).toBe(false);
    await clock.advance(GRACE_MS);
    expect([8, 7, undefined].map((after) => admits(attachment, after))).toEqual([true, false, true]);
  });

  it('takes the number before also later, when whoever has the newest is gone', async () => {
    const { clock, attachment, channel } = rig(7);
    const newest = channel();
    attachment.attach(newest);
    await clock.advance(GRACE_MS);
    newest.close('ended');
    expect([7, 6].map((after) => admits(attachment, after))).toEqual([true, false]);
  });

  it('waits for a client for as long as the window is, once it has gone', async () => {
    const { clock, attachment, channel, expired } = rig();
    await clock.advance(900);
    attachment.attach(channel());
    await clock.advance(10_000);
    attachment.detach();
    expect(attachment.state.kind).toBe('detached');
    await clock.advance(10_000);
    expect(expired).toEqual([11_900]);
  });

  it('waits for nobody once the run is over, and keeps the channel to tell so', async () => {
    const { clock, attachment, channel, expired } = rig();
    const only = channel();
    attachment.attach(only);
    attachment.close('ending');
    attachment.detach();
    await clock.advance(10_000);
    expect([attachment.closed, attachment.channel, expired]).toEqual([true, only, []]);
  });
});
