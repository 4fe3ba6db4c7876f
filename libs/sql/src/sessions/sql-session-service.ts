import { eventToJson, type Event } from '@parley/event';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import {
  scopedDelta,
  withoutTemporary,
  writerSuperseded,
  type GetSessionOptions,
  type Session,
  type SessionKey,
  type SessionService,
  type StateDelta,
} from '@parley/live';
import type { ExpressionBuilder, Kysely } from 'kysely';
import type { Database } from '../database.js';
import type { Schema } from '../schema.js';
import { deleteEvents, insertEvent, readEvents } from './event-table.js';
import { parseState, readSharedState, saveSharedState, type UserScope } from './state-tables.js';

/**
 * Sessions, their events and their state in SQL.
 *
 * 1. Every statement names the tenant (I7).
 * 2. An append locks its session first: appends to one session happen one after the other, whichever process they
 *    come from, and ordinals have no gaps.
 * 3. Once the fence was raised, an append with a lower one changes nothing: the row is its lock, too.
 * 4. Event, session state, `app:` and `user:` state are written together or not at all.
 */
export class SqlSessionService implements SessionService {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  async createSession(key: SessionKey, state: StateDelta = {}): Promise<Session> {
    const nowMs = this.#clock.nowMs();
    const delta = scopedDelta(state);
    const own = JSON.stringify(Object.fromEntries(delta.session));
    return this.#database.write(async (db) => {
      const created = await db
        .insertInto('sessions')
        .values({
          tenant_id: key.tenantId,
          app_name: key.appName,
          user_id: key.userId,
          id: key.sessionId,
          state: own,
          created_at: nowMs,
          updated_at: nowMs,
        })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'app_name', 'user_id', 'id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (!created) {
        throw new ParleyError('session_busy', 'The session exists already.', { kind: 'already_exists' });
      }
      await saveSharedState(db, key, delta);
      const shared = await readSharedState(db, key);
      return sessionOf(key, key.sessionId, shared.view(own), [], nowMs);
    });
  }

  getSession(key: SessionKey, options: GetSessionOptions = {}): Promise<Session | undefined> {
    return this.#database.snapshot(async (db) => {
      const row = await db
        .selectFrom('sessions')
        .where(isSession(key))
        .select(['state', 'updated_at'])
        .executeTakeFirst();
      if (!row) return undefined;
      const shared = await readSharedState(db, key);
      const events = await readEvents(db, key, options);
      return sessionOf(key, key.sessionId, shared.view(row.state), events, row.updated_at);
    });
  }

  listSessions(scope: UserScope): Promise<readonly Session[]> {
    return this.#database.snapshot(async (db) => {
      const rows = await db
        .selectFrom('sessions')
        .where('tenant_id', '=', scope.tenantId)
        .where('app_name', '=', scope.appName)
        .where('user_id', '=', scope.userId)
        .select(['id', 'state', 'updated_at'])
        .orderBy('updated_at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      const shared = await readSharedState(db, scope);
      return rows.map((row) => sessionOf(scope, row.id, shared.view(row.state), [], row.updated_at));
    });
  }

  async deleteSession(key: SessionKey): Promise<void> {
    await this.#database.write(async (db) => {
      // The session first: it is the lock that an append takes first too.
      await db.deleteFrom('sessions').where(isSession(key)).execute();
      await deleteEvents(db, key);
    });
  }

  async appendEvent(key: SessionKey, event: Event, fence?: number): Promise<void> {
    const stateDelta = withoutTemporary(event.actions.stateDelta);
    const json = JSON.stringify(eventToJson({ ...event, actions: { ...event.actions, stateDelta } }));
    const delta = scopedDelta(stateDelta);
    await this.#database.write(async (db) => {
      const session = await db
        .updateTable('sessions')
        .set((eb) => ({
          updated_at: eb
            .case()
            .when('updated_at', '>', event.timestamp)
            .then(eb.ref('updated_at'))
            .else(event.timestamp)
            .end(),
        }))
        .where(isSession(key))
        .$if(fence !== undefined, (update) => update.where('fence', '<=', fence ?? 0))
        .returning('state')
        .executeTakeFirst();
      if (!session) throw await this.#refusal(db, key);
      if (!(await insertEvent(db, key, event, json))) return;
      await saveSharedState(db, key, delta);
      if (delta.session.length === 0) return;
      const state = JSON.stringify({ ...parseState(session.state), ...Object.fromEntries(delta.session) });
      await db.updateTable('sessions').set({ state }).where(isSession(key)).execute();
    });
  }

  async raiseFence(key: SessionKey, fence: number): Promise<void> {
    await this.#database.write(async (db) => {
      await db
        .updateTable('sessions')
        .set({ fence })
        .where(isSession(key))
        .where('fence', '<', fence)
        .execute();
    });
  }

  /** Why there was nothing to append to. */
  async #refusal(db: Kysely<Schema>, key: SessionKey): Promise<ParleyError> {
    const session = await db.selectFrom('sessions').where(isSession(key)).select('id').executeTakeFirst();
    if (session) return writerSuperseded();
    return new ParleyError('session_not_found', 'No such session.', { kind: 'not_found' });
  }
}

function isSession(key: SessionKey) {
  return (eb: ExpressionBuilder<Schema, 'sessions'>) =>
    eb.and({
      tenant_id: key.tenantId,
      app_name: key.appName,
      user_id: key.userId,
      id: key.sessionId,
    });
}

function sessionOf(
  scope: UserScope,
  sessionId: string,
  state: StateDelta,
  events: readonly Event[],
  lastUpdateTime: number,
): Session {
  const { tenantId, appName, userId } = scope;
  return { tenantId, appName, userId, sessionId, state, events, lastUpdateTime };
}
