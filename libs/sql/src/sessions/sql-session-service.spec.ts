import { NO_ACTIONS } from '@parley/event';
import { describeSessionService } from '@parley-testing/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTemporaryDatabase, type TemporaryDatabase } from '../testing/index.js';
import { SqlSessionService } from './sql-session-service.js';

let temporary: TemporaryDatabase;

beforeAll(async () => {
  temporary = await openTemporaryDatabase();
});

afterAll(() => temporary.remove());

describeSessionService('SqlSessionService on libsql', () => new SqlSessionService(temporary.database));

describe('SqlSessionService', () => {
  it('numbers the events of a session without gaps, also when some come twice', async () => {
    const sessions = new SqlSessionService(temporary.database);
    const key = { tenantId: 'gapless', appName: 'assistant', userId: 'ada', sessionId: 's1' };
    await sessions.createSession(key);
    const ids = ['a', 'b', 'a', 'c', 'b', 'd', 'e'];
    await Promise.all(
      ids.map((id) =>
        sessions.appendEvent(key, {
          id,
          invocationId: 'e-1',
          author: 'user',
          timestamp: 1,
          actions: NO_ACTIONS,
        }),
      ),
    );
    const rows = await temporary.database.query((db) =>
      db
        .selectFrom('events')
        .where('tenant_id', '=', 'gapless')
        .select('ordinal')
        .orderBy('ordinal')
        .execute(),
    );
    expect(rows.map((row) => row.ordinal)).toEqual([1, 2, 3, 4, 5]);
  });
});
