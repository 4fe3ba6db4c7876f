import { NO_ACTIONS, type Event } from '@parley/event';
import { newId, ParleyError, type ErrorCode } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GetSessionOptions, Session, SessionKey, SessionService } from '../session/session-service.js';
import { describeFencing } from './session-fencing-contract.js';

/** What every adapter of `SessionService` must do. `start` is called once a test; it may answer with the same one. */
export function describeSessionService(
  name: string,
  start: () => SessionService | Promise<SessionService>,
): void {
  describe(name, () => {
    let service: SessionService;
    let key: SessionKey;

    beforeEach(async () => {
      service = await start();
      key = { tenantId: newId('ten'), appName: 'assistant', userId: 'ada', sessionId: 's1' };
    });

    const sibling = (change: Partial<SessionKey>): SessionKey => ({ ...key, ...change });
    const stored = async (of: SessionKey = key): Promise<Session> => {
      const session = await service.getSession(of);
      if (!session) throw new Error('the session is missing');
      return session;
    };
    const append = (id: string, stateDelta: Record<string, unknown> = {}, of = key): Promise<void> =>
      service.appendEvent(of, { ...spokenEvent(id), actions: { ...NO_ACTIONS, stateDelta } });

    describe('creating', () => {
      it('answers with the session as it is then read', async () => {
        const created = await service.createSession(key, { mood: 'calm' });
        expect(created).toMatchObject({ ...key, state: { mood: 'calm' }, events: [] });
        expect(Number.isInteger(created.lastUpdateTime)).toBe(true);
        expect(await stored()).toEqual(created);
      });

      it('refuses a session that exists, and leaves it as it is', async () => {
        await service.createSession(key, { mood: 'calm' });
        await append('e1');
        await expectCode(service.createSession(key, { mood: 'wild', 'app:theme': 'dark' }), 'session_busy');
        const { state, events } = await stored();
        expect(state).toEqual({ mood: 'calm' });
        expect(events).toHaveLength(1);
      });

      it('puts prefixed keys of the first state into their scopes', async () => {
        await service.createSession(key, { 'app:theme': 'dark', 'user:lang': 'de', 'temp:x': 1, own: true });
        expect((await stored()).state).toEqual({ 'app:theme': 'dark', 'user:lang': 'de', own: true });
        const second = await service.createSession(sibling({ sessionId: 's2' }));
        expect(second.state).toEqual({ 'app:theme': 'dark', 'user:lang': 'de' });
      });

      it('lets one of several simultaneous creations win', async () => {
        const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => service.createSession(key)));
        expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
      });
    });

    describeFencing(() => ({ service, key }));

    describe('appending', () => {
      beforeEach(() => service.createSession(key));

      it('keeps events in their order, with everything that is in them', async () => {
        const events = [spokenEvent('e1'), toolEvent('e2'), transcriptEvent('e3')];
        for (const event of events) await service.appendEvent(key, event);
        expect((await stored()).events).toEqual(events);
      });

      it('stores an event that comes twice once, and applies its delta once', async () => {
        await append('e1', { count: 1 });
        await append('e2', { count: 2 });
        await append('e1', { count: 1 });
        const { events, state } = await stored();
        expect(events.map((event) => event.id)).toEqual(['e1', 'e2']);
        expect(state).toEqual({ count: 2 });
      });

      it('keeps an event id apart in two sessions', async () => {
        const other = sibling({ sessionId: 's2' });
        await service.createSession(other);
        await append('e1');
        await append('e1', {}, other);
        expect((await stored(other)).events).toHaveLength(1);
      });

      it('refuses a session that does not exist', async () => {
        await expectCode(append('e1', {}, sibling({ sessionId: 'nobody' })), 'session_not_found');
      });

      it('loses none of many simultaneous events', async () => {
        const ids = Array.from({ length: 25 }, (_, i) => `e${i}`);
        await Promise.all(ids.map((id) => append(id, { [id]: true, 'app:last': id, 'user:last': id })));
        const { events, state } = await stored();
        expect(events.map((event) => event.id).sort()).toEqual([...ids].sort());
        expect(Object.keys(state).sort()).toEqual([...ids, 'app:last', 'user:last'].sort());
      });

      it('writes nothing of an event that it can not store', async () => {
        await expect(append('e1', { fine: 1, 'app:fine': 1, notJson: 1n })).rejects.toThrow();
        expect(await stored()).toMatchObject({ events: [], state: {} });
      });

      it('moves lastUpdateTime to the time of the event, and never back', async () => {
        const { lastUpdateTime } = await stored();
        const later = lastUpdateTime + 5_000;
        await service.appendEvent(key, { ...spokenEvent('e1'), timestamp: later });
        await service.appendEvent(key, { ...spokenEvent('e2'), timestamp: later - 1_000 });
        expect((await stored()).lastUpdateTime).toBe(later);
      });

      it('carries transcripts, ids, names, keys and values of every kind', async () => {
        const odd = (n: number): string => `${n} \u0000 \ud800 \udc00 "\\u0000" 𝄞`;
        const heard = {
          ...spokenEvent(odd(1)),
          author: odd(2),
          invocationId: odd(3),
          inputTranscription: { text: odd(4), finished: true },
          outputTranscription: { text: odd(5), finished: true },
        };
        const delta = { [odd(6)]: odd(9), [`app:${odd(7)}`]: odd(9), [`user:${odd(8)}`]: 3, 'key of µ': 4 };
        for (let twice = 0; twice < 2; twice++) {
          await service.appendEvent(key, { ...heard, actions: { ...NO_ACTIONS, stateDelta: delta } });
        }
        const { events, state } = await stored();
        expect(events).toEqual([{ ...heard, actions: { ...NO_ACTIONS, stateDelta: delta } }]);
        expect(state).toEqual(delta);
        const ids = ['a\u0000b', 'a\ud800', 'a\ud801', 'a\\u0000b'];
        for (const id of ids) await append(id);
        expect((await stored()).events.map((event) => event.id)).toEqual([odd(1), ...ids]);
      });
    });

    describe('state', () => {
      beforeEach(() => service.createSession(key));

      it('overwrites a key, keeps null and structure, and leaves other keys alone', async () => {
        await append('e1', { a: 1, b: { c: [1, { d: 'x' }] }, kept: true });
        await append('e2', { a: null, b: { c: [] } });
        expect((await stored()).state).toEqual({ a: null, b: { c: [] }, kept: true });
      });

      it('shares app: keys with every session of the app, and with no other app', async () => {
        const otherUser = sibling({ userId: 'bob' });
        const otherApp = sibling({ appName: 'translator' });
        await service.createSession(otherUser);
        await service.createSession(otherApp);
        await append('e1', { 'app:theme': 'dark' });
        expect((await stored(otherUser)).state).toEqual({ 'app:theme': 'dark' });
        expect((await stored(otherApp)).state).toEqual({});
      });

      it('shares user: keys with the sessions of the user in the app only (C10)', async () => {
        const sameUser = sibling({ sessionId: 's2' });
        const otherUser = sibling({ userId: 'bob' });
        const otherApp = sibling({ appName: 'translator' });
        for (const other of [sameUser, otherUser, otherApp]) await service.createSession(other);
        await append('e1', { 'user:lang': 'de' });
        expect((await stored(sameUser)).state).toEqual({ 'user:lang': 'de' });
        expect((await stored(otherUser)).state).toEqual({});
        expect((await stored(otherApp)).state).toEqual({});
      });

      it('keeps temp: keys nowhere, not even in the stored event (C10)', async () => {
        await append('e1', { 'temp:draft': 'secret', kept: 1 });
        const { events, state } = await stored();
        expect(state).toEqual({ kept: 1 });
        expect(events[0]?.actions.stateDelta).toEqual({ kept: 1 });
      });

      it('treats __proto__ as a key like any other', async () => {
        const delta = JSON.parse('{"__proto__": {"admin": true}, "app:__proto__": 1}') as Record<
          string,
          unknown
        >;
        await append('e1', delta);
        const { state } = await stored();
        expect(Object.keys(state).sort()).toEqual(['__proto__', 'app:__proto__']);
        expect((state as { admin?: unknown }).admin).toBeUndefined();
      });

      it('hands out copies', async () => {
        const list = [1];
        await append('e1', { list });
        list.push(2);
        const first = await stored();
        (first.state['list'] as number[]).push(3);
        expect((await stored()).state).toEqual({ list: [1] });
      });
    });

    describe('reading', () => {
      it('knows nothing of a session that was not created', async () => {
        expect(await service.getSession(key)).toBeUndefined();
        expect(await service.listSessions(key)).toEqual([]);
      });

      it('gives the newest events when asked for some', async () => {
        await service.createSession(key);
        for (const id of ['e1', 'e2', 'e3']) await append(id, { [id]: true });
        const recent = async (numRecentEvents: number): Promise<string[] | undefined> =>
          (await service.getSession(key, { numRecentEvents }))?.events.map((event) => event.id);
        expect(await recent(2)).toEqual(['e2', 'e3']);
        expect(await recent(9)).toEqual(['e1', 'e2', 'e3']);
        expect(await recent(0)).toEqual([]);
        expect((await service.getSession(key, { numRecentEvents: 1 }))?.state).toEqual({
          e1: true,
          e2: true,
          e3: true,
        });
      });

      it('gives the events since a moment, and of those the newest when asked for some', async () => {
        await service.createSession(key);
        for (const [id, timestamp] of [
          ['e1', 100],
          ['e2', 200],
          ['e3', 200],
          ['e4', 300],
        ] as const) {
          await service.appendEvent(key, { ...spokenEvent(id), timestamp });
        }
        const since = async (options: GetSessionOptions): Promise<string[] | undefined> =>
          (await service.getSession(key, options))?.events.map((event) => event.id);
        expect(await since({ afterTimestamp: 200 })).toEqual(['e2', 'e3', 'e4']);
        expect(await since({ afterTimestamp: 200.5 })).toEqual(['e4']);
        expect(await since({ afterTimestamp: 301 })).toEqual([]);
        expect(await since({ afterTimestamp: 0 })).toHaveLength(4);
        expect(await since({ afterTimestamp: 200, numRecentEvents: 2 })).toEqual(['e3', 'e4']);
        expect(await since({ afterTimestamp: 300, numRecentEvents: 3 })).toEqual(['e4']);
        expect(await since({ afterTimestamp: 200, numRecentEvents: 0 })).toEqual([]);
      });

      it("lists the user's sessions, newest first, with state and without events", async () => {
        for (const sessionId of ['s1', 's2', 's3']) {
          await service.createSession(sibling({ sessionId }), { name: sessionId });
        }
        await service.createSession(sibling({ userId: 'bob', sessionId: 's4' }));
        const { lastUpdateTime } = await stored();
        const touched = { ...spokenEvent('e1'), timestamp: lastUpdateTime + 10_000 };
        await service.appendEvent(sibling({ sessionId: 's2' }), touched);
        const listed = await service.listSessions(key);
        expect(listed.map((session) => session.sessionId).sort()).toEqual(['s1', 's2', 's3']);
        expect(listed[0]).toEqual({
          ...sibling({ sessionId: 's2' }),
          state: { name: 's2' },
          events: [],
          lastUpdateTime: lastUpdateTime + 10_000,
        });
      });
    });

    describe('deleting', () => {
      it('removes the session and its events, and keeps the state of app and user', async () => {
        await service.createSession(key);
        await append('e1', { own: 1, 'app:a': 1, 'user:u': 1 });
        await service.deleteSession(key);
        expect(await service.getSession(key)).toBeUndefined();
        await expectCode(append('e2'), 'session_not_found');
        const again = await service.createSession(key);
        expect(again).toMatchObject({ events: [], state: { 'app:a': 1, 'user:u': 1 } });
        expect((await stored()).events).toEqual([]);
      });

      it('is content when there is nothing to delete', async () => {
        await expect(service.deleteSession(key)).resolves.toBeUndefined();
      });
    });

    it("answers another tenant's keys as if they did not exist (I7)", async () => {
      await service.createSession(key, { own: 1, 'app:a': 1, 'user:u': 1 });
      await append('e1');
      const stranger = sibling({ tenantId: newId('ten') });
      expect(await service.getSession(stranger)).toBeUndefined();
      expect(await service.listSessions(stranger)).toEqual([]);
      await expectCode(append('e2', { 'app:a': 2 }, stranger), 'session_not_found');
      await service.deleteSession(stranger);
      expect((await service.createSession(stranger)).state).toEqual({});
      await append('e1', { 'app:a': 3, 'user:u': 3 }, stranger);
      const { events, state } = await stored();
      expect(events).toHaveLength(1);
      expect(state).toEqual({ own: 1, 'app:a': 1, 'user:u': 1 });
    });
  });
}

function spokenEvent(id: string): Event {
  return {
    id,
    invocationId: 'e-1',
    author: 'assistant',
    timestamp: 1_767_225_600_000,
    content: { role: 'model', parts: [{ text: `said in ${id}` }] },
    partial: false,
    actions: NO_ACTIONS,
  };
}

function toolEvent(id: string): Event {
  return {
    ...spokenEvent(id),
    content: {
      role: 'model',
      parts: [{ functionCall: { id: 'call-1', name: 'look_up', args: { city: 'Zürich', days: [1, 2] } } }],
    },
    longRunningToolIds: ['call-1'],
    actions: { ...NO_ACTIONS, artifactDelta: { 'map.png': 3 }, transferToAgent: 'guide' },
  };
}

function transcriptEvent(id: string): Event {
  return {
    id,
    invocationId: 'e-1',
    author: 'user',
    timestamp: 1_767_225_600_500,
    inputTranscription: { text: 'How is the weather?', finished: true },
    usageMetadata: { promptTokenCount: 12, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 12 }] },
    actions: NO_ACTIONS,
  };
}

async function expectCode(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ParleyError);
  expect((error as ParleyError).code).toBe(code);
}
