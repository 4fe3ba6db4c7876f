import { NO_ACTIONS, type Event } from '@parley/event';
import type { SessionKey } from '@parley/live';
import { openDatabase, SqlSessionService, SqlTenantStore, type Database } from '@parley/sql';
import { describeSessionService } from '@parley-testing/live';
import { describeTenantStore } from '@parley-testing/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres, PostgresServer } from './postgres-server.js';

const bin = await findPostgres();

if (bin === undefined) {
  it('SQL on Postgres', (context) => context.skip('neither initdb nor postgres was found'));
} else {
  describePostgres(bin);
}

function describePostgres(binDirectory: string): void {
  let server: PostgresServer;
  let database: Database;
  let other: Database;
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await PostgresServer.create(binDirectory);
    cleanUps.push(() => server.remove());
    // Several processes that start together on an empty database.
    const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url: server.url() })));
    cleanUps.push(...opened.map((each) => () => each.close()));
    [database, other] = opened as [Database, Database];
  });

  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  describeSessionService('SqlSessionService on Postgres', () => new SqlSessionService(database));
  describeTenantStore('SqlTenantStore on Postgres', () => new SqlTenantStore(database));

  describe('SqlSessionService on Postgres', () => {
    const bothServices = (): readonly [SqlSessionService, SqlSessionService] => [
      new SqlSessionService(database),
      new SqlSessionService(other),
    ];

    it('numbers events without gaps when two processes append to one session', async () => {
      const key: SessionKey = { tenantId: 'gapless', appName: 'a', userId: 'u', sessionId: 's' };
      const services = bothServices();
      await services[0].createSession(key);
      await Promise.all(
        services.flatMap((service, of) =>
          Array.from({ length: 40 }, (_, i) => service.appendEvent(key, numberedEvent(`${of}-${i % 30}`, i))),
        ),
      );
      const rows = await database.query((db) =>
        db
          .selectFrom('events')
          .where('tenant_id', '=', 'gapless')
          .select('ordinal')
          .orderBy('ordinal')
          .execute(),
      );
      expect(rows.map((row) => row.ordinal)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    });

    it('lets sessions write the same shared keys at once in any order, without a deadlock', async () => {
      const key: SessionKey = { tenantId: 'shared', appName: 'a', userId: 'u', sessionId: 's0' };
      const sessionIds = ['s0', 's1', 's2', 's3'];
      const names = Array.from({ length: 100 }, (_, i) => `k${i}`);
      const forwards = Object.fromEntries(names.map((name) => [`app:${name}`, 1]));
      const backwards = Object.fromEntries(names.toReversed().map((name) => [`app:${name}`, 2]));
      const services = bothServices();
      for (const sessionId of sessionIds) await services[0].createSession({ ...key, sessionId });
      await Promise.all(
        sessionIds.flatMap((sessionId, of) =>
          Array.from({ length: 20 }, (_, i) => {
            const stateDelta = of % 2 === 0 ? forwards : backwards;
            const event = { ...numberedEvent(`e${i}`, i), actions: { ...NO_ACTIONS, stateDelta } };
            return services[of % 2 === 0 ? 0 : 1].appendEvent({ ...key, sessionId }, event);
          }),
        ),
      );
      const session = await services[1].getSession(key);
      expect(Object.keys(session?.state ?? {})).toHaveLength(names.length);
      expect(new Set(Object.values(session?.state ?? {})).size).toBe(1);
    });
  });

  describe('Database on Postgres', () => {
    it('calls an unknown role or database a wrong configuration', async () => {
      for (const url of [server.url('stranger'), server.url('parley', 'nowhere')]) {
        await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'invalid_config' });
      }
    });

    it('loses a transaction when the server crashes, and works again when it is back', async () => {
      const key: SessionKey = { tenantId: 'crash', appName: 'a', userId: 'u', sessionId: 's' };
      const sessions = new SqlSessionService(database);
      await sessions.createSession(key);
      const interrupted = database.write(async (db) => {
        await db
          .updateTable('sessions')
          .set({ state: '{"lost":true}' })
          .where('tenant_id', '=', 'crash')
          .execute();
        await server.stop('SIGQUIT');
        await db.selectFrom('sessions').select('id').execute();
      });
      await expect(interrupted).rejects.toMatchObject({ code: 'control_plane_unavailable', retryable: true });
      await expect(sessions.getSession(key)).rejects.toMatchObject({ code: 'control_plane_unavailable' });
      await server.start();
      expect(await sessions.getSession(key)).toMatchObject({ state: {} });
    });
  });
}

function numberedEvent(id: string, timestamp: number): Event {
  return { id, invocationId: 'e-1', author: 'user', timestamp, actions: NO_ACTIONS };
}
