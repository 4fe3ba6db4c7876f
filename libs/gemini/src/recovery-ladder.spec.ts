import { ParleyError } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecoveryLadder, type SessionLoss } from './recovery-ladder.js';

const loss = (closeCode: number, fields: Partial<SessionLoss> = {}): SessionLoss => ({
  closeCode,
  about: 'service',
  fatal: false,
  heard: true,
  spoken: true,
  ...fields,
});

const refusal = (details: Readonly<Record<string, unknown>>, retryable = false): ParleyError =>
  new ParleyError('provider_config', 'refused', { details, retryable });

describe('RecoveryLadder', () => {
  let ladder: RecoveryLadder;
  beforeEach(() => void (ladder = new RecoveryLadder()));

  it('prefers the handle, and history where there is none', () => {
    expect(ladder.next(true)).toBe('handle');
    expect(ladder.next(false)).toBe('history');
  });

  it.each([1008, 1011])('begins anew when a resumed session ends with %i again', (code) => {
    ladder.opened('history');
    expect(ladder.lost(loss(code))).toBe('retry');
    expect(ladder.next(true)).toBe('handle');
    ladder.opened('handle');
    expect(ladder.lost(loss(code))).toBe('retry');
    expect(ladder.next(true)).toBe('history');
    ladder.opened('history');
    expect(ladder.lost(loss(code))).toBe(code === 1008 ? 'end' : 'retry');
  });

  it('forgets old troubles after a while', () => {
    ladder.opened('handle');
    ladder.lost(loss(1011));
    ladder.opened('handle');
    ladder.settled();
    ladder.lost(loss(1011));
    expect(ladder.next(true)).toBe('handle');
  });

  it('says less to a server that closes on what it is told, even when that is fatal elsewhere', () => {
    ladder.opened('history');
    expect(ladder.lost(loss(1007, { fatal: true, heard: false, spoken: false }))).toBe('retry');
    expect(ladder.next(true)).toBe('summary');
    ladder.opened('summary');
    expect(ladder.lost(loss(1011, { heard: false }))).toBe('retry');
    expect(ladder.next(true)).toBe('nothing');
  });

  it.each(['credentials', 'quota', 'model'] as const)('blames no history for bad %s', (about) => {
    ladder.opened('history');
    expect(ladder.lost(loss(1011, { about, fatal: true, heard: false, spoken: false }))).toBe('end');
  });

  it('does not blame the history for what the user said, nor for a broken line', () => {
    ladder.opened('history');
    expect(ladder.lost(loss(1007, { fatal: true, heard: false }))).toBe('end');
    ladder.opened('history');
    expect(ladder.lost(loss(1006, { heard: false, spoken: false }))).toBe('retry');
    expect(ladder.next(false)).toBe('history');
  });

  it.each([
    [{ stage: 'setup', closeCode: 1007, about: 'config' }, 'history'],
    [{ stage: 'setup', closeCode: 1008, about: 'config' }, 'history'],
    [{ stage: 'setup', closeCode: 1011, about: 'service' }, 'history'],
    [{ stage: 'setup', closeCode: 1006, about: 'service' }, 'handle'],
    [{ stage: 'upgrade', closeCode: 1006, about: 'service' }, 'handle'],
  ])('goes on after a refusal of %j with %s', (details, way) => {
    expect(ladder.refused('handle', refusal(details, true))).toBe('retry');
    expect(ladder.next(true)).toBe(way);
  });

  it.each(['credentials', 'quota', 'model'])('blames no handle for bad %s', (about) => {
    expect(ladder.refused('handle', refusal({ stage: 'setup', closeCode: 1007, about }))).toBe('end');
    expect(ladder.next(true)).toBe('handle');
  });

  it('ends when a new session is refused for good', () => {
    const details = { stage: 'setup', closeCode: 1007, about: 'config' };
    expect(ladder.refused('history', refusal(details))).toBe('end');
  });
});
