/** ADK's scopes of state keys. [src: adk-python `sessions/state.py`] */
const APP_PREFIX = 'app:';
const USER_PREFIX = 'user:';
const TEMP_PREFIX = 'temp:';

export type StateDelta = Readonly<Record<string, unknown>>;

/** Entries of a state delta by where they are kept, without their prefixes. `temp:` entries are in none. */
export interface ScopedDelta {
  readonly app: readonly StateEntry[];
  readonly user: readonly StateEntry[];
  readonly session: readonly StateEntry[];
}

export type StateEntry = readonly [key: string, value: unknown];

export function scopedDelta(delta: StateDelta): ScopedDelta {
  const app: StateEntry[] = [];
  const user: StateEntry[] = [];
  const session: StateEntry[] = [];
  for (const [key, value] of Object.entries(withoutTemporary(delta))) {
    if (key.startsWith(APP_PREFIX)) app.push([key.slice(APP_PREFIX.length), value]);
    else if (key.startsWith(USER_PREFIX)) user.push([key.slice(USER_PREFIX.length), value]);
    else session.push([key, value]);
  }
  return { app, user, session };
}

/** What may be stored: neither `temp:` keys nor values that JSON leaves out. */
export function withoutTemporary(delta: StateDelta): StateDelta {
  return Object.fromEntries(
    Object.entries(delta).filter(([key, value]) => value !== undefined && !key.startsWith(TEMP_PREFIX)),
  );
}

/** A session's view: what all sessions of the app and of the user share, under prefixes, and its own. */
export function mergedState(parts: {
  readonly app: Iterable<StateEntry>;
  readonly user: Iterable<StateEntry>;
  readonly session: Iterable<StateEntry>;
}): StateDelta {
  return Object.fromEntries([
    ...Array.from(parts.app, ([key, value]) => [APP_PREFIX + key, value] as const),
    ...Array.from(parts.user, ([key, value]) => [USER_PREFIX + key, value] as const),
    ...parts.session,
  ]);
}

/**
 * Applies a delta to the state of a run, where `temp:` keys count too. Keys are data: `__proto__` is one like any
 * other.
 */
export function applyDelta(state: Record<string, unknown>, delta: StateDelta): void {
  for (const [key, value] of Object.entries(delta)) {
    if (value === undefined) continue;
    Object.defineProperty(state, key, { value, writable: true, enumerable: true, configurable: true });
  }
}
