import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibsqlError, LibsqlThread } from './libsql-thread.js';
import { findThreadScript } from './thread-script.js';

const unavailable = { code: 'control_plane_unavailable', retryable: true };

describe('LibsqlThread', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-thread-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  const start = (script = findThreadScript()): Promise<LibsqlThread> =>
    LibsqlThread.start(script, { path: join(directory, 'parley.db'), busyTimeoutMs: 1_000 });

  const startProgram = async (program: string): Promise<LibsqlThread> => {
    const path = join(directory, 'program.mjs');
    await writeFile(path, `import { parentPort } from 'node:worker_threads';\n${program}`);
    return start(pathToFileURL(path));
  };

  it('answers in the order of asking, failures among the answers', async () => {
    const thread = await start();
    const answers = await Promise.allSettled([
      thread.execute('select ? as n', [1]),
      thread.execute('select * from nothing', []),
      thread.execute('create table t (n integer)', []),
      thread.execute('insert into t values (?), (?)', [1, null]),
      thread.execute('select n from t', []),
    ]);
    expect(answers).toMatchObject([
      { value: { rows: [{ n: 1 }] } },
      { reason: { code: 'SQLITE_ERROR' } },
      { value: { rows: [] } },
      { value: { rows: [], changes: 2 } },
      { value: { rows: [{ n: 1 }, { n: null }] } },
    ]);
    await thread.close();
  });

  it('writes ahead, so that readers and a writer do not wait for each other', async () => {
    const thread = await start();
    expect((await thread.execute('pragma journal_mode', [])).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await thread.execute('pragma synchronous', [])).rows).toEqual([{ synchronous: 1 }]);
    await thread.close();
  });

  it('keeps numbers exact up to 2^53', async () => {
    const thread = await start();
    const { rows } = await thread.execute('select ? as n', [Number.MAX_SAFE_INTEGER]);
    expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
    await thread.close();
  });

  it('answers what was asked before it closes, refuses later questions, and closes once', async () => {
    const thread = await start();
    const asked = thread.execute('select 1 as n', []);
    await Promise.all([thread.close(), thread.close()]);
    expect((await asked).rows).toEqual([{ n: 1 }]);
    await expect(thread.execute('select 1', [])).rejects.toMatchObject(unavailable);
  });

  it('rejects what was asked of a thread that ends or breaks, and everything after', async () => {
    for (const end of ['process.exit(1)', "throw new Error('broken')"]) {
      const thread = await startProgram(
        `parentPort.postMessage({ kind: 'opened' }); parentPort.on('message', () => { ${end}; });`,
      );
      const asked = [thread.execute('select 1', []), thread.execute('select 2', [])];
      for (const answer of asked) await expect(answer).rejects.toMatchObject(unavailable);
      await expect(thread.execute('select 3', [])).rejects.toMatchObject(unavailable);
      await thread.close();
    }
  });

  it('fails to start when the file can not be opened', async () => {
    const opening = LibsqlThread.start(findThreadScript(), { path: directory, busyTimeoutMs: 0 });
    await expect(opening).rejects.toBeInstanceOf(LibsqlError);
  });
});
