import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findServer } from './server-address.js';
import { readOptions, UsageError, type TalkOptions } from './talk-options.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-talk-'));
  const written = { url: 'http://127.0.0.1:9000', apiKey: 'parley_test_dev' };
  await writeFile(join(folder, 'dev.json'), JSON.stringify(written));
});
afterAll(() => rm(folder, { recursive: true }));

function options(...args: string[]): TalkOptions {
  const read = readOptions(['--dev-file', join(folder, 'dev.json'), ...args]);
  if (!read) throw new Error('asked for help');
  return read;
}

describe('findServer', () => {
  it('reads what the launcher wrote', async () => {
    expect(await findServer(options())).toEqual({
      baseUrl: 'http://127.0.0.1:9000',
      apiKey: 'parley_test_dev',
    });
  });

  it('believes the command line more', async () => {
    const given = await findServer(options('--url', 'http://example.test', '--key', 'k'));
    expect(given).toEqual({ baseUrl: 'http://example.test', apiKey: 'k' });
  });

  it('says how to get a key when there is none', async () => {
    await expect(findServer(options('--dev-file', join(folder, 'none.json')))).rejects.toThrow('npm start');
  });

  it('refuses an address that is none', async () => {
    await expect(findServer(options('--url', 'nowhere'))).rejects.toThrow(UsageError);
  });
});
