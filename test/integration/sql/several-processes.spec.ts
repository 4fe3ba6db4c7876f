import { openDatabase, SqlSessionService } from '@parley/sql';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const threadScript = new URL('../../../dist/threads/libsql.thread.js', import.meta.url).href;

const WRITERS = ['w1', 'w2', 'w3'];
const EVENTS = 200;

describe('an embedded database that several processes have open', () => {
  let program: string;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-writers-'));
    program = await bundledWriter();
  });

  afterAll(async () => {
    await rm(join(program, '..'), { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  });

  it('takes every event of processes that write at once, none locked out, ordinals without gaps', async () => {
    const url = `file:${join(directory, 'parley.db')}`;
    const args = (writer: string): string[] => [program, url, threadScript, writer, String(EVENTS)];
    const outputs = await Promise.all(
      WRITERS.map((writer) => run(process.execPath, args(writer), { timeout: 120_000 })),
    );
    for (const { stdout } of outputs) expect(JSON.parse(stdout)).toHaveLength(EVENTS);

    const database = await openDatabase({ url });
    const sessions = new SqlSessionService(database);
    const key = { tenantId: 'acme', appName: 'assistant', userId: 'ada', sessionId: 'shared' };
    const shared = await sessions.getSession(key);
    expect(shared?.events).toHaveLength((WRITERS.length * EVENTS) / 2);
    for (const sessionId of WRITERS) {
      expect((await sessions.getSession({ ...key, sessionId }))?.events).toHaveLength(EVENTS / 2);
    }
    const ordinals = await database.query((db) =>
      db
        .selectFrom('events')
        .where('session_id', '=', 'shared')
        .select('ordinal')
        .orderBy('ordinal')
        .execute(),
    );
    expect(ordinals.map((row) => row.ordinal)).toEqual(shared?.events.map((_, i) => i + 1));
    await database.close();
  });
});

/** Plain Node can't run the sources; packages stay outside, so the program must lie inside the project. */
async function bundledWriter(): Promise<string> {
  await mkdir(join(root, '.cache'), { recursive: true });
  const output = await mkdtemp(join(root, '.cache/event-writer-'));
  const bundle = await rolldown({
    cwd: root,
    input: fileURLToPath(new URL('./event-writer.ts', import.meta.url)),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('@parley'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [
      {
        name: 'parley-rooms',
        resolveId: (id) => {
          const room = /^@parley\/([a-z-]+)$/.exec(id)?.[1];
          return room === undefined ? null : join(root, 'libs', room, 'src/index.ts');
        },
      },
    ],
    onLog: () => undefined,
  });
  await bundle.write({ file: join(output, 'writer.js'), format: 'esm', codeSplitting: false });
  await bundle.close();
  return join(output, 'writer.js');
}
