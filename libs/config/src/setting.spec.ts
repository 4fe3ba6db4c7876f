import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from './setting.js';
import {
  emulatorSettings,
  gatewaySettings,
  launcherSettings,
  toolRunnerSettings,
  workerSettings,
} from './settings.js';

const GOOD = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  DATABASE_URL: 'file:parley.db',
  PARLEY_LINK_SECRET: 'x'.repeat(32),
  PARLEY_TOKEN_KEY: '{}',
};

describe('settings', () => {
  it('are read with their defaults; an empty value counts as not set', () => {
    const settings = readSettings(gatewaySettings, { ...GOOD, PARLEY_PORT: '' });
    expect(settings.port).toBe(8_080);
    expect(settings.logLevel).toBe('info');
    expect(readSettings(gatewaySettings, { ...GOOD, PARLEY_PORT: '81' }).port).toBe(81);
  });

  it('that are wrong or missing are all named at once, secrets without their value', () => {
    const bad = {
      REDIS_URL: 'http://s3cret',
      PARLEY_PORT: 'many',
      PARLEY_LINK_SECRET: 'short',
      PARLEY_TOKEN_KEY: '{}',
    };
    let problems: readonly string[] = [];
    try {
      readSettings(gatewaySettings, bad);
    } catch (error) {
      problems = error instanceof SettingsError ? error.problems : [];
    }
    const text = problems.join('\n');
    expect(problems).toHaveLength(4);
    for (const name of ['REDIS_URL', 'DATABASE_URL is missing', 'PARLEY_LINK_SECRET', 'PARLEY_PORT']) {
      expect(text).toContain(name);
    }
    expect(text).toContain('"many"');
    expect(text).not.toContain('s3cret');
  });

  it('that are secret may be given as a file, which has to be there', () => {
    expect(() =>
      readSettings(gatewaySettings, { ...GOOD, REDIS_URL: undefined, REDIS_URL_FILE: '/nowhere' }),
    ).toThrow('REDIS_URL_FILE: the file can not be read');
  });

  it('have names and a line that says what they are for', () => {
    const tables = [gatewaySettings, workerSettings, toolRunnerSettings, emulatorSettings, launcherSettings];
    for (const entry of tables.flatMap((table) => Object.values(table))) {
      expect(entry.env).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(entry.description).toMatch(/\.$/);
    }
  });
});
