import { eventFromJson, type Event } from '@parley/event';
import type { GetSessionOptions, SessionKey } from '@parley/live';
import type { ExpressionBuilder, Transaction } from 'kysely';
import type { Schema } from '../schema.js';
import { columnText } from './column-text.js';

/**
 * Gives the event the session's next ordinal; false when the session has an event of this id already. The caller
 * holds the lock of the session's row.
 */
export async function insertEvent(
  db: Transaction<Schema>,
  key: SessionKey,
  event: Event,
  json: string,
): Promise<boolean> {
  const inserted = await db
    .insertInto('events')
    .values((eb) => ({
      tenant_id: key.tenantId,
      app_name: key.appName,
      user_id: key.userId,
      session_id: key.sessionId,
      ordinal: eb(
        eb.fn.coalesce(
          eb
            .selectFrom('events')
            .where(isOfSession(key))
            .select((of) => of.fn.max('ordinal').as('last')),
          eb.lit(0),
        ),
        '+',
        eb.lit(1),
      ),
      id: columnText(event.id),
      invocation_id: columnText(event.invocationId),
      author: columnText(event.author),
      timestamp_ms: event.timestamp,
      json,
    }))
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'app_name', 'user_id', 'session_id', 'id']).doNothing(),
    )
    .returning('ordinal')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function readEvents(
  db: Transaction<Schema>,
  key: SessionKey,
  { numRecentEvents, afterTimestamp }: GetSessionOptions,
): Promise<readonly Event[]> {
  if (numRecentEvents !== undefined && numRecentEvents < 1) return [];
  const rows = await db
    .selectFrom('events')
    .where(isOfSession(key))
    // the column holds whole milliseconds
    .$if(afterTimestamp !== undefined, (all) =>
      all.where('timestamp_ms', '>=', Math.ceil(afterTimestamp ?? 0)),
    )
    .select('json')
    .orderBy('ordinal', 'desc')
    .$if(numRecentEvents !== undefined, (all) => all.limit(numRecentEvents ?? 0))
    .execute();
  return rows.reverse().map((row) => eventFromJson(JSON.parse(row.json)));
}

export async function deleteEvents(db: Transaction<Schema>, key: SessionKey): Promise<void> {
  await db.deleteFrom('events').where(isOfSession(key)).execute();
}

function isOfSession(key: SessionKey) {
  return (eb: ExpressionBuilder<Schema, 'events'>) =>
    eb.and({
      tenant_id: key.tenantId,
      app_name: key.appName,
      user_id: key.userId,
      session_id: key.sessionId,
    });
}
