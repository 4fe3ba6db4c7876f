import { DeviceError } from '@parley/client';
import { ERROR_CODES, ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { problemOf, problemOfCode, problemOfEnd } from './problem.js';

const END = { reason: '', error: undefined, ended: undefined, canResume: true };

describe('problems', () => {
  it('tell what to do about every error that the server knows', () => {
    for (const code of ERROR_CODES) expect(problemOfCode(code, 'Something').advice).not.toBe('');
  });

  it('offer the button that helps', () => {
    const actions = (['unauthenticated', 'idle_timeout', 'worker_lost', 'forbidden'] as const).map(
      (code) => problemOf(new ParleyError(code, 'x')).action,
    );
    expect(actions).toEqual(['key', 'new-session', 'retry', undefined]);
  });

  it('say how to get at a device', () => {
    const problem = problemOf(new DeviceError('microphone', 'denied'));
    expect(problem.title).toBe('No access to the microphone');
    expect(problem.advice).toContain('address bar');
  });

  it('are none when a call ends as calls do', () => {
    expect(problemOfEnd({ ...END, code: 1000, ended: 'client' })).toBeUndefined();
    expect(problemOfEnd({ ...END, code: 1000 })).toBeUndefined();
  });

  it('offer to call again after a cut, and a new session where that cannot be', () => {
    expect(problemOfEnd({ ...END, code: 1006 })).toMatchObject({ action: 'retry' });
    expect(problemOfEnd({ ...END, code: 4440, canResume: false })).toMatchObject({ action: 'new-session' });
  });
});
