import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findThreadScript } from './thread-script.js';

describe('findThreadScript', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-thread-'));
    await mkdir(join(root, 'dist/threads'), { recursive: true });
    await writeFile(join(root, 'dist/threads/libsql.thread.js'), '');
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it.each(['dist/gateway.js', 'dist/chunks/sql-abc.js', 'libs/sql/src/libsql/thread-script.ts'])(
    'finds the built thread from %s',
    (module) => {
      const found = findThreadScript(pathToFileURL(join(root, module)).href);
      expect(found.href).toBe(pathToFileURL(join(root, 'dist/threads/libsql.thread.js')).href);
    },
  );

  it('says what to do when it is missing', () => {
    const from = pathToFileURL(join(root, 'elsewhere/deep/main.js')).href;
    expect(() => findThreadScript(from)).toThrow('build the project first');
  });
});
