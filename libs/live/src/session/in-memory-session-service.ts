import { eventFromJson, eventToJson, type Event } from '@parley/event';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import type { GetSessionOptions, Session, SessionKey, SessionService } from './session-service.js';

type Scope = Omit<SessionKey, 'sessionId'>;
type State = Readonly<Record<string, unknown>>;

/** Text stands for JSON here: what is stored shares no object with the caller, as in a database. */
interface StoredSession {
  readonly key: SessionKey;
  readonly state: Map<string, string>;
  /** By event id, in the order of appending. */
  readonly events: Map<string, string>;
  lastUpdateTime: number;
}

/**
 * Sessions in this process's memory, for tests and for trying things out: nothing is bounded and nothing survives.
 * Behaves as the SQL adapter does; the contract suite in `testing/` is run by both.
 */
export class InMemorySessionService implements SessionService {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, StoredSession>();
  /** By scope: the values of `app:` and of `user:` keys, under their full names. */
  readonly #sharedState = new Map<string, Map<string, string>>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async createSession(key: SessionKey, state: State = {}): Promise<Session> {
    if (this.#sessions.has(idOf(key))) {
      throw new ParleyError('session_busy', 'The session exists already.', { kind: 'already_exists' });
    }
    const { tenantId, appName, userId, sessionId } = key;
    const session: StoredSession = {
      key: { tenantId, appName, userId, sessionId },
      state: new Map(),
      events: new Map(),
      lastUpdateTime: this.#clock.nowMs(),
    };
    const delta = encodedDelta(state);
    this.#sessions.set(idOf(key), session);
    this.#apply(session, delta);
    return this.#view(session, []);
  }

  async getSession(key: SessionKey, options: GetSessionOptions = {}): Promise<Session | undefined> {
    const session = this.#sessions.get(idOf(key));
    if (!session) return undefined;
    const all = [...session.events.values()];
    const skipped = Math.max(0, all.length - Math.max(0, options.numRecentEvents ?? all.length));
    return this.#view(session, all.slice(skipped));
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

  async appendEvent(key: SessionKey, event: Event): Promise<void> {
    const session = this.#sessions.get(idOf(key));
    if (!session) throw new ParleyError('session_not_found', 'No such session.', { kind: 'not_found' });
    if (session.events.has(event.id)) return;
    const delta = encodedDelta(event.actions.stateDelta);
    session.events.set(event.id, encodedEvent(event));
    session.lastUpdateTime = Math.max(session.lastUpdateTime, event.timestamp);
    this.#apply(session, delta);
  }

  #apply(session: StoredSession, delta: readonly (readonly [key: string, json: string])[]): void {
    for (const [key, json] of delta) this.#stateFor(session.key, key, session.state).set(key, json);
  }

  #stateFor(scope: Scope, key: string, own: Map<string, string>): Map<string, string> {
    if (key.startsWith('app:')) return this.#shared(appOf(scope));
    if (key.startsWith('user:')) return this.#shared(userOf(scope));
    return own;
  }

  #shared(scopeId: string): Map<string, string> {
    const state = this.#sharedState.get(scopeId) ?? new Map<string, string>();
    this.#sharedState.set(scopeId, state);
    return state;
  }

  #view(session: StoredSession, events: readonly string[]): Session {
    const app = this.#shared(appOf(session.key));
    const user = this.#shared(userOf(session.key));
    const entries = [...app, ...user, ...session.state];
    return {
      ...session.key,
      state: Object.fromEntries(entries.map(([key, json]) => [key, JSON.parse(json)])),
      events: events.map((json) => eventFromJson(JSON.parse(json))),
      lastUpdateTime: session.lastUpdateTime,
    };
  }
}

/** Without `temp:` keys and without what JSON can't carry. */
function encodedDelta(delta: State): readonly (readonly [key: string, json: string])[] {
  return Object.entries(delta)
    .filter(([key, value]) => value !== undefined && !key.startsWith('temp:'))
    .map(([key, value]) => [key, JSON.stringify(value)] as const);
}

function encodedEvent(event: Event): string {
  const kept = Object.entries(event.actions.stateDelta).filter(([key]) => !key.startsWith('temp:'));
  return JSON.stringify(
    eventToJson({ ...event, actions: { ...event.actions, stateDelta: Object.fromEntries(kept) } }),
  );
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
