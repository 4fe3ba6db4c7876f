import { describe, expect, it } from 'vitest';
import { outageMark, outageWords, type Outage } from './outage.js';

const shown = (outage: Outage): string => {
  const { title, detail } = outageWords(outage);
  return `${title} ${detail}`;
};
const HANDLE = { cause: 'worker', mode: 'handle', recovered: true, gapMs: 812 } as const;

describe('what is said of a break', () => {
  it('says what was lost while it lasts', () => {
    expect(shown({ state: 'worker-lost' })).toBe('Your worker was lost. Carrying on elsewhere…');
    expect(shown({ state: 'line-lost', attempt: 1 })).toBe('The connection was lost. Connecting again…');
    expect(shown({ state: 'line-lost', attempt: 3 })).toBe(
      'The connection was lost. Connecting again, attempt 3…',
    );
  });

  it('says how long it took, what the model knows, and whether something is missing', () => {
    expect(shown({ state: 'back', resumed: HANDLE })).toBe('Back after 0.8 s (the model remembers: handle)');
    const worst = { ...HANDLE, mode: 'fresh', recovered: false, gapMs: 12_340 } as const;
    expect(shown({ state: 'back', resumed: worst })).toBe(
      'Back after 12.3 s (the model starts afresh; some events are missing here)',
    );
  });

  it('leaves a line in the transcript', () => {
    expect(outageMark(HANDLE)).toBe('The worker was lost. Back after 0.8 s (the model remembers: handle)');
    expect(outageMark({ ...HANDLE, cause: 'client', mode: 'live', gapMs: 40 })).toBe(
      'The connection was lost. Back after 0.0 s (the model was there all the time)',
    );
  });
});
