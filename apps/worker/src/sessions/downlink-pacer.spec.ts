import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { DownlinkPacer, MAX_HELD_BYTES, PACE_LEAD_MS } from './downlink-pacer.js';
import type { ModelFrame } from './model-frame.js';

const frame = (turn: number, durationMs = 100): ModelFrame => ({
  turn,
  durationMs,
  endMs: 0,
  bytes: new Uint8Array(durationMs * 48),
});

function paced(): { clock: ManualClock; pacer: DownlinkPacer; out: (number | string)[] } {
  const clock = new ManualClock();
  const out: (number | string)[] = [];
  const pacer = new DownlinkPacer(clock, ({ turn }) => out.push(turn));
  return { clock, pacer, out };
}

describe('DownlinkPacer', () => {
  it('lets the lead go at once and the rest as it is played', async () => {
    const { clock, pacer, out } = paced();
    for (let i = 0; i < 50; i++) pacer.push(frame(1));
    expect(out).toHaveLength(PACE_LEAD_MS / 100);
    await clock.advance(2_000);
    expect(out).toHaveLength(PACE_LEAD_MS / 100 + 20);
    await clock.advance(10_000);
    expect(out).toHaveLength(50);
    expect(pacer.heldBytes).toBe(0);
  });

  it('takes back what has not left when a turn is interrupted, and keeps the next turn', async () => {
    const { clock, pacer, out } = paced();
    for (let i = 0; i < 50; i++) pacer.push(frame(1));
    pacer.push(frame(2));
    const droppedMs = pacer.purge(1);
    expect(droppedMs).toBe(5_000 - PACE_LEAD_MS);
    await clock.advance(10_000);
    expect(out.filter((turn) => turn === 2)).toHaveLength(1);
    expect(out.filter((turn) => turn === 1)).toHaveLength(PACE_LEAD_MS / 100);
    expect(pacer.heldBytes).toBe(0);
  });

  it('keeps what belongs behind the audio behind it', async () => {
    const { clock, pacer, out } = paced();
    for (let i = 0; i < 15; i++) pacer.push(frame(1));
    pacer.afterAudio(() => out.push('end'));
    pacer.push(frame(2));
    expect(out).not.toContain('end');
    await clock.advance(10_000);
    expect(out.slice(-2)).toEqual(['end', 2]);
    pacer.afterAudio(() => out.push('now'));
    expect(out.at(-1)).toBe('now');
  });

  it('does not lose what waits behind audio that is purged', () => {
    const { pacer, out } = paced();
    for (let i = 0; i < 15; i++) pacer.push(frame(1));
    pacer.afterAudio(() => out.push('end'));
    pacer.purge(1);
    expect(out.at(-1)).toBe('end');
  });

  it('lets nothing go while it is paused, and all of it afterwards, as fast as it is played', async () => {
    const { clock, pacer, out } = paced();
    for (let i = 0; i < 15; i++) pacer.push(frame(1));
    pacer.pause();
    for (let i = 0; i < 15; i++) pacer.push(frame(1));
    pacer.afterAudio(() => out.push('end'));
    await clock.advance(60_000);
    expect(out).toHaveLength(PACE_LEAD_MS / 100);
    pacer.resume(500);
    expect(out).toHaveLength(PACE_LEAD_MS / 100 + 5);
    await clock.advance(60_000);
    expect(out).toHaveLength(31);
    expect(out.at(-1)).toBe('end');
  });

  it('drops what was interrupted while it is paused, and tells what waits behind it', () => {
    const { pacer, out } = paced();
    pacer.pause();
    pacer.push(frame(1));
    pacer.afterAudio(() => out.push('end'));
    pacer.push(frame(2));
    expect(pacer.purge(1)).toBe(100);
    expect(out).toEqual(['end']);
    pacer.resume(0);
    expect(out).toEqual(['end', 2]);
  });

  it('holds no more than its bound', () => {
    const { pacer } = paced();
    const tooMany = MAX_HELD_BYTES / (100 * 48) + 20;
    for (let i = 0; i < tooMany; i++) pacer.push(frame(1));
    expect(pacer.heldBytes).toBeLessThanOrEqual(MAX_HELD_BYTES);
    expect(pacer.droppedFrames).toBeGreaterThan(0);
  });
});
