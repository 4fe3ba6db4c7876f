import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorSettings, readSettings, SettingsError } from '@parley/config';
import { afterAll, describe, expect, it } from 'vitest';
import { readProgramOptions, type ProgramOptions } from './program-options.js';

const folder = mkdtempSync(join(tmpdir(), 'program-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(folder, `${text.length}.secret`);
  writeFileSync(path, `${text}\n`);
  return path;
}

function read(args: readonly string[], env: Readonly<Record<string, string>> = {}): ProgramOptions {
  return readProgramOptions(args, readSettings(emulatorSettings, env));
}

const REDIS = { PARLEY_EMULATOR_RESUMPTION_REDIS_URL: 'redis://of-settings' };
const SECRETS = {
  PARLEY_EMULATOR_RESUMPTION_SECRET: 'signs',
  PARLEY_EMULATOR_CONTROL_SECRET_FILE: fileWith('opens'),
};

describe('the options of the emulator', () => {
  it('are the settings where no flag is given', () => {
    expect(read([])).toMatchObject({ host: '127.0.0.1', port: 9_466, speech: 'real', strictV1: false });
    expect(read([])).toMatchObject({ resumption: undefined, controlSecret: undefined, welcome: false });
    expect(read([], { ...REDIS, ...SECRETS, PARLEY_PORT: '81' })).toMatchObject({
      port: 81,
      resumption: { redisUrl: 'redis://of-settings', secret: 'signs' },
      controlSecret: 'opens',
    });
  });

  it('are the flags where they are given, each by itself', () => {
    const flags = ['--port', '0', '--speech', 'cheap', '--scenarios', 'shop', '--strict-v1', '--welcome'];
    expect(read(flags, { PARLEY_PORT: '81' })).toMatchObject({
      port: 0,
      speech: 'cheap',
      scenarioFolder: 'shop',
      strictV1: true,
      welcome: true,
    });
    const { resumption, controlSecret } = read(
      ['--resumption-redis', 'redis://of-flags', '--control-secret-file', fileWith('flag')],
      { ...REDIS, ...SECRETS },
    );
    expect(resumption).toEqual({ redisUrl: 'redis://of-flags', secret: 'signs' });
    expect(controlSecret).toBe('flag');
  });

  it.each([
    [['--port', '65536'], '--port must be a whole number from 0 to 65535.'],
    [['--time-scale', '0'], '--time-scale must be a whole number from 1 to 100000.'],
    [['--speech', 'loud'], '--speech must be real, synthetic, cheap.'],
    [['--resumption-redis', 'redis://a'], '--resumption-secret-file must be given with --resumption-redis.'],
    [['--control-secret-file', fileWith('')], '--control-secret-file must be a file with a secret in it.'],
    [['--loud'], '--loud'],
  ])('are refused when wrong: %j', (args, words) => {
    expect(() => read(args)).toThrow(words);
  });

  it('need a secret for a Redis that the settings name', () => {
    expect(() => read([], REDIS)).toThrow(SettingsError);
  });
});
