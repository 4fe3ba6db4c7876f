import { ParleyError } from '@parley/kernel';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './open-database.js';

describe('openDatabase', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-open-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it.each(['mysql://localhost/parley', 'parley.db', 'file:', 'file::memory:', 'file:a.db?mode=ro', ''])(
    'refuses the URL %j',
    async (url) => {
      await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'invalid_config' });
    },
  );

  it('does not repeat a password of a refused URL', async () => {
    const error: unknown = await openDatabase({ url: 'mysql://root:hunter2@db/parley' }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(ParleyError);
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  it('takes a path and a file URL, and makes the directory', async () => {
    const path = join(directory, 'deep', 'down', 'parley.db');
    for (const url of [`file:${path}`, pathToFileURL(path).href]) {
      const database = await openDatabase({ url });
      await database.query((db) =>
        db
          .insertInto('tenants')
          .values({ id: 'acme', name: 'Acme', created_at: 1 })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      expect(await database.query((db) => db.selectFrom('tenants').select('id').execute())).toEqual([
        { id: 'acme' },
      ]);
      await database.close();
    }
  });

  it('lets several open a new file at once', async () => {
    const url = `file:${join(directory, 'parley.db')}`;
    const databases = await Promise.all([1, 2, 3].map(() => openDatabase({ url })));
    const [first, second] = databases;
    await first?.query((db) =>
      db.insertInto('tenants').values({ id: 'acme', name: 'Acme', created_at: 1 }).execute(),
    );
    expect(await second?.query((db) => db.selectFrom('tenants').selectAll().execute())).toHaveLength(1);
    await Promise.all(databases.map((database) => database.close()));
  });

  it('calls a path that can not be a database a wrong configuration', async () => {
    const text = join(directory, 'parley.txt');
    await writeFile(text, 'a text of some length, and certainly no header of SQLite'.repeat(40));
    for (const path of [text, directory, join(text, 'parley.db')]) {
      await expect(openDatabase({ url: `file:${path}` })).rejects.toMatchObject({ code: 'invalid_config' });
    }
  });

  it('reports a missing thread script', async () => {
    const threadScript = new URL('nowhere.thread.js', pathToFileURL(`${directory}/`));
    await expect(
      openDatabase({ url: `file:${join(directory, 'parley.db')}`, threadScript }),
    ).rejects.toBeInstanceOf(ParleyError);
  });
});
