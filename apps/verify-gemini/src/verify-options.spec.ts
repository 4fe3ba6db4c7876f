import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks/all-checks.js';
import { HELP, readOptions, UsageError } from './verify-options.js';

describe('the command line of verify:gemini', () => {
  it('asks everything of the Gemini API when it is empty', () => {
    expect(readOptions([])).toMatchObject({ service: 'gemini', checks: undefined, waitForGoAway: false });
  });

  it('takes names of checks, files and bounds', () => {
    const options = readOptions(['--checks', 'set-up, text-turn', '--report', 'a.md', '--deadline-s', '5']);
    expect(options).toMatchObject({ checks: ['set-up', 'text-turn'], reportFile: 'a.md', deadlineMs: 5_000 });
  });

  it('refuses what makes no sense', () => {
    for (const wrong of [
      ['--emulator', '--vertex'],
      ['--checks', 'a,,b'],
      ['--parallel', '0'],
      ['--base-url', 'https://host/?key=1'],
      ['--loud'],
    ]) {
      expect(() => readOptions(wrong), wrong.join(' ')).toThrow(UsageError);
    }
  });

  it('is explained', () => {
    expect(readOptions(['--help'])).toBeUndefined();
    for (const option of ['--model', '--vertex', '--emulator', '--checks', '--json', '--report']) {
      expect(HELP).toContain(option);
    }
  });
});

describe('the checks', () => {
  it('have names of their own, a question and a deadline', () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
    for (const { deadlineMs, name, question } of CHECKS) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(question).toMatch(/\?$/);
      expect(deadlineMs).toBeGreaterThan(0);
    }
  });
});
