import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../database.js';
import { openDatabase, type DatabaseOptions } from '../open-database.js';

export interface TemporaryDatabase {
  readonly database: Database;
  /** For opening the same file once more. */
  readonly url: string;
  /** Closes the database and removes its file. */
  remove(): Promise<void>;
}

/** An embedded database in a directory of its own. Needs the build (`dist/threads`). */
export async function openTemporaryDatabase(
  options: Omit<DatabaseOptions, 'url'> = {},
): Promise<TemporaryDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-sql-'));
  const url = `file:${join(directory, 'parley.db')}`;
  const database = await openDatabase({ ...options, url });
  return {
    database,
    url,
    remove: async () => {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
