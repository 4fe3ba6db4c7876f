import { describe, expect, it } from 'vitest';
import { HELP, readOptions, UsageError } from './talk-options.js';

describe('the command line of talk', () => {
  it('means typing when it is empty', () => {
    expect(readOptions([])).toMatchObject({
      mode: { name: 'type' },
      devFile: '.parley/dev.json',
      userId: 'terminal',
      out: undefined,
      json: false,
    });
  });

  it('keeps the spoken answer of a recording', () => {
    const options = readOptions([
      '--wav',
      'hello.wav',
      '--callers',
      '3',
      '--seconds',
      '20',
      '--voice',
      'Kore',
    ]);
    expect(options).toMatchObject({
      mode: { name: 'wav', file: 'hello.wav', callers: 3 },
      out: 'reply.wav',
      capMs: 20_000,
      voice: 'Kore',
    });
  });

  it('asks for help', () => {
    expect(readOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--bogus']],
    [['--text', 'a', '--wav', 'b.wav']],
    [['--callers', '2']],
    [['--wav', 'b.wav', '--callers', '2', '--session', 's']],
    [['--wav', 'b.wav', '--callers', 'many']],
    [['--seconds', '0']],
  ])('is refused when it is %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });

  it('knows every option that the help names', () => {
    const names = new Set(
      [...HELP.matchAll(/^ {2}(--[a-z-]+)( [A-Z]+)?/gm)].map(([, name, value]) => [name, value]),
    );
    expect(names.size).toBeGreaterThan(10);
    for (const [name = '', value] of names) {
      const args = value ? [name, '1'] : [name];
      expect(() => readOptions(name === '--callers' ? [...args, '--wav', 'b.wav'] : args)).not.toThrow();
    }
  });
});
