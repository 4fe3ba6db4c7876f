import { mergedState, type ScopedDelta, type StateDelta, type StateEntry } from '@parley/live';
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../schema.js';
import { columnText, fromColumnText } from './column-text.js';

export interface UserScope {
  readonly tenantId: string;
  readonly appName: string;
  readonly userId: string;
}

/** Writes the `app:` and `user:` part of a delta; the session's own part is the caller's. */
export async function saveSharedState(
  db: Transaction<Schema>,
  scope: UserScope,
  { app, user }: ScopedDelta,
): Promise<void> {
  if (app.length > 0) {
    await db
      .insertInto('app_state')
      .values(
        inLockOrder(app).map(([key, value]) => ({
          tenant_id: scope.tenantId,
          app_name: scope.appName,
          key: columnText(key),
          value: JSON.stringify(value),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'app_name', 'key'])
          .doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
      )
      .execute();
  }
  if (user.length > 0) {
    await db
      .insertInto('user_state')
      .values(
        inLockOrder(user).map(([key, value]) => ({
          tenant_id: scope.tenantId,
          app_name: scope.appName,
          user_id: scope.userId,
          key: columnText(key),
          value: JSON.stringify(value),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'app_name', 'user_id', 'key'])
          .doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
      )
      .execute();
  }
}

export interface SharedState {
  /** A session's merged view, given the JSON of its own keys. */
  view(sessionStateJson: string): StateDelta;
}

export async function readSharedState(db: Kysely<Schema>, scope: UserScope): Promise<SharedState> {
  const app = await db
    .selectFrom('app_state')
    .where('tenant_id', '=', scope.tenantId)
    .where('app_name', '=', scope.appName)
    .select(['key', 'value'])
    .execute();
  const user = await db
    .selectFrom('user_state')
    .where('tenant_id', '=', scope.tenantId)
    .where('app_name', '=', scope.appName)
    .where('user_id', '=', scope.userId)
    .select(['key', 'value'])
    .execute();
  return {
    view: (sessionStateJson) =>
      mergedState({
        app: app.map(({ key, value }) => [fromColumnText(key), JSON.parse(value)]),
        user: user.map(({ key, value }) => [fromColumnText(key), JSON.parse(value)]),
        session: Object.entries(parseState(sessionStateJson)),
      }),
  };
}

export function parseState(json: string): StateDelta {
  return JSON.parse(json) as StateDelta;
}

/** Sessions that write the same keys at once must lock the rows in one order, else Postgres finds a deadlock. */
function inLockOrder(entries: readonly StateEntry[]): readonly StateEntry[] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
