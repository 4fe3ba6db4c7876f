import { describe, expect, it } from 'vitest';
import { ManualClock } from './testing/manual-clock.js';
import { Backoff } from './backoff.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { sleep } from './clock.js';
import { withDeadline } from './deadline.js';
import { ParleyError, toParleyError } from './errors.js';
import { newId } from './ids.js';

describe('newId', () => {
  it('makes distinct ids that sort by time', async () => {
    const first = newId('ses');
    const started = Date.now();
    while (Date.now() === started) await Promise.resolve();
    const second = newId('ses');
    expect(first).toMatch(/^ses_[0-9a-f]{32}$/);
    expect(first < second).toBe(true);
  });
});

describe('Backoff', () => {
  it('doubles up to its cap and shortens by chance', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1_000, jitter: 0.5, random: () => 0 });
    expect([1, 2, 3, 4, 5].map(() => backoff.nextDelayMs())).toEqual([100, 200, 400, 800, 1_000]);
    backoff.reset();
    expect(backoff.nextDelayMs()).toBe(100);
    const shortened = new Backoff({ firstMs: 100, capMs: 1_000, jitter: 0.5, random: () => 1 });
    expect(shortened.nextDelayMs()).toBe(50);
  });
});

describe('withDeadline', () => {
  it('rejects when the work takes too long, and only then', async () => {
    const clock = new ManualClock();
    const never = new Promise<number>(() => undefined);
    const late = withDeadline(clock, 100, never, () => new ParleyError('tool_timeout', 'late'));
    late.catch(() => undefined);
    expect(await withDeadline(clock, 100, Promise.resolve(1), () => new Error('no'))).toBe(1);
    await clock.advance(100);
    await expect(late).rejects.toThrow('late');
  });
});

describe('sleep', () => {
  it('ends with its time or its signal', async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    const done: string[] = [];
    void sleep(clock, 50).then(() => done.push('time'));
    void sleep(clock, 1_000, abort.signal).then(() => done.push('signal'));
    await clock.advance(50);
    expect(done).toEqual(['time']);
    abort.abort();
    await clock.advance(0);
    expect(done).toEqual(['time', 'signal']);
  });
});

describe('base64', () => {
  it('goes out in the standard alphabet and comes in in both', () => {
    expect(encodeBase64(new Uint8Array([251, 255]))).toBe('+/8=');
    expect(decodeBase64('-_8')).toEqual(decodeBase64('+/8='));
    expect(decodeBase64('not base64!')).toBeUndefined();
  });
});

describe('toParleyError', () => {
  it('keeps ours and hides the rest', () => {
    const ours = new ParleyError('not_found', 'gone');
    expect(toParleyError(ours)).toBe(ours);
    expect(toParleyError(new Error('password is hunter2')).message).not.toContain('hunter2');
  });
});
