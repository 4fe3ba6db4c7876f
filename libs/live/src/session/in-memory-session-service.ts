import { eventFromJson, eventToJson, type Event } from '@parley/event';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import { writerSuperseded } from './writer-superseded.js';
import type { GetSessionOptions, Session, SessionKey, SessionService } from './session-service.js';
import {
  mergedState,
  scopedDelta,
  withoutTemporary,
  type StateDelta,
  type StateEntry,
} from './state-scope.js';

type Scope = Omit<SessionKey, 'sessionId'>;

/** Text stands for JSON here: what is stored shares no object with the caller, as in a database. */
interface StoredSession {
  readonly key: SessionKey;
  readonly state: Map<string, string>;
  /** By event id, in the order of appending. */
  readonly events: Map<string, { readonly timestamp: number; readonly json: string }>;
  lastUpdateTime: number;
  fence: number;
}

/**
 * Sessions in this process's memory, for tests and for trying things out: nothing is bounded and nothing survives.
 * Behaves as the SQL adapter does; the contract suite in `testing/` is run by both.
 */
export class InMemorySessionService implements SessionService {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, StoredSession>();
  /** By scope: the values of `app:` and of `user:` keys, under their names without prefix. */
  readonly #sharedState = new Map<string, Map<string, string>>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async createSession(key: SessionKey, state: StateDelta = {}): Promise<Session> {
    if (this.#sessions.has(idOf(key))) {
      throw new ParleyError('session_busy', 'The session exists already.', { kind: 'already_exists' });
    }
    const { tenantId, appName, userId, sessionId } = key;
    const session: StoredSession = {
      key: { tenantId, appName, userId, sessionId },
      state: new Map(),
      events: new Map(),
      lastUpdateTime: this.#clock.nowMs(),
      fence: 0,
    };
    const delta = encoded(state);
    this.#sessions.set(idOf(key), session);
    this.#apply(session, delta);
    return this.#view(session, []);
  }

  async getSession(key: SessionKey, options: GetSessionOptions = {}): Promise<Session | undefined> {
    const session = this.#sessions.get(idOf(key));
    if (!session) return undefined;
    const { afterTimestamp = -Infinity, numRecentEvents = Infinity } = options;
    const since = [...session.events.values()].filter(({ timestamp }) => timestamp >= afterTimestamp);
    return this.#view(session, since.slice(Math.max(0, since.length - Math.max(0, numRecentEvents))));
  }

  async listSessions(scope: Scope): Promise<readonly Session[]> {
    return [...this.#sessions.values()]
      .filter(
        ({ key }) =>
          key.tenantId === scope.tenantId && key.appName === scope.appName && key.userId === scope.userId,
      )
      .sort((a, b) => b.lastUpdateTime - a.lastUpdateTime || (a.key.sessionId < b.key.sessionId ? 1 : -1))
      .map((session) => this.#view(session, []));
  }

  async deleteSession(key: SessionKey): Promise<void> {
    this.#sessions.delete(idOf(key));
  }

  async appendEvent(key: SessionKey, event: Event, fence = Infinity): Promise<void> {
    const session = this.#sessions.get(idOf(key));
    if (!session) throw new ParleyError('session_not_found', 'No such session.', { kind: 'not_found' });
    if (fence < session.fence) throw writerSuperseded();
    if (session.events.has(event.id)) return;
    const delta = encoded(event.actions.stateDelta);
    session.events.set(event.id, { timestamp: event.timestamp, json: encodedEvent(event) });
    session.lastUpdateTime = Math.max(session.lastUpdateTime, event.timestamp);
    this.#apply(session, delta);
  }

  async raiseFence(key: SessionKey, fence: number): Promise<void> {
    const session = this.#sessions.get(idOf(key));
    if (session) session.fence = Math.max(session.fence, fence);
  }

  #apply({ key, state }: StoredSession, delta: EncodedDelta): void {
    for (const [name, json] of delta.app) this.#shared(appOf(key)).set(name, json);
    for (const [name, json] of delta.user) this.#shared(userOf(key)).set(name, json);
    for (const [name, json] of delta.session) state.set(name, json);
  }

  #shared(scopeId: string): Map<string, string> {
    const state = this.#sharedState.get(scopeId) ?? new Map<string, string>();
    this.#sharedState.set(scopeId, state);
    return state;
  }

  #view(session: StoredSession, events: readonly { readonly json: string }[]): Session {
    return {
      ...session.key,
      state: mergedState({
        app: decoded(this.#shared(appOf(session.key))),
        user: decoded(this.#shared(userOf(session.key))),
        session: decoded(session.state),
      }),
      events: events.map(({ json }) => eventFromJson(JSON.parse(json))),
      lastUpdateTime: session.lastUpdateTime,
    };
  }
}

type EncodedEntry = readonly [key: string, json: string];
type EncodedDelta = Readonly<Record<'app' | 'user' | 'session', readonly EncodedEntry[]>>;

/** All of it before anything is changed: throws for what JSON can't carry. */
function encoded(delta: StateDelta): EncodedDelta {
  const { app, user, session } = scopedDelta(delta);
  const entries = (of: readonly StateEntry[]): readonly EncodedEntry[] =>
    of.map(([key, value]) => [key, JSON.stringify(value)]);
  return { app: entries(app), user: entries(user), session: entries(session) };
}

function decoded(entries: Iterable<EncodedEntry>): readonly StateEntry[] {
  return Array.from(entries, ([key, json]) => [key, JSON.parse(json) as unknown]);
}

function encodedEvent(event: Event): string {
  const stateDelta = withoutTemporary(event.actions.stateDelta);
  return JSON.stringify(eventToJson({ ...event, actions: { ...event.actions, stateDelta } }));
}

function idOf({ tenantId, appName, userId, sessionId }: SessionKey): string {
  return JSON.stringify([tenantId, appName, userId, sessionId]);
}

function userOf({ tenantId, appName, userId }: Scope): string {
  return JSON.stringify([tenantId, appName, userId]);
}

function appOf({ tenantId, appName }: Scope): string {
  return JSON.stringify([tenantId, appName]);
}
