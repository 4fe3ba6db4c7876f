import { NO_ACTIONS, type Event, type Part } from '@parley/event';
import { settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { InMemorySessionService } from './in-memory-session-service.js';
import type { Session } from './session-service.js';
import { SessionStore } from './session-store.js';

const KEY = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's' };
const event = (id: string, draft: Partial<Event> = {}): Event => ({
  id,
  invocationId: 'e-1',
  author: 'agent',
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const said = (id: string, text: string, finished = true): Event =>
  event(id, { outputTranscription: { text, finished }, partial: !finished });
const withState = (id: string, stateDelta: Record<string, unknown>): Event =>
  event(id, { actions: { ...NO_ACTIONS, stateDelta } });
const call = (id: string): Event =>
  event(id, { content: { role: 'model', parts: [{ functionCall: { id, name: 'f', args: {} } }] } });
const image: Part = { inlineData: { mimeType: 'image/png', data: new Uint8Array(8) } };

async function opened(): Promise<{ store: SessionStore; stored: () => Promise<Session | undefined> }> {
  const service = new InMemorySessionService();
  const session = await service.createSession(KEY, { mood: 'calm' });
  return {
    store: new SessionStore({ service, session, onFailure: () => undefined }),
    stored: () => service.getSession(KEY),
  };
}
const ids = (events: readonly Event[] | undefined): string[] | undefined => events?.map(({ id }) => id);

describe('SessionStore', () => {
  it('knows the state at once, and stores no temp: keys (C10)', async () => {
    const { store, stored } = await opened();
    store.append(said('partial', 'x', false));
    store.append({
      ...withState('call', { 'temp:draft': 1, 'user:lang': 'de', n: 1 }),
      ...call('call').content,
    });
    expect(store.state).toEqual({ mood: 'calm', 'temp:draft': 1, 'user:lang': 'de', n: 1 });
    await store.flush();
    expect((await stored())?.state).toEqual({ mood: 'calm', 'user:lang': 'de', n: 1 });
  });

  it('takes __proto__ for a key like any other', async () => {
    const { store } = await opened();
    store.append(withState('1', JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>));
    expect(Object.keys(store.state)).toEqual(['mood', '__proto__']);
    expect(store.state['admin']).toBeUndefined();
    await store.flush();
  });

  it('stores neither deltas nor media, and keeps the words that came with a picture (C1, C2)', async () => {
    const { store, stored } = await opened();
    store.append(said('delta', 'x', false));
    store.append(
      event('audio', {
        content: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: new Uint8Array(2) } }] },
      }),
    );
    store.append(
      event('typed', { author: 'user', content: { role: 'user', parts: [{ text: 'what is it?' }, image] } }),
    );
    await store.flush();
    expect((await stored())?.events).toMatchObject([
      { id: 'typed', content: { parts: [{ text: 'what is it?' }] } },
    ]);
    expect(store.events[0]?.content?.parts).toEqual([{ text: 'what is it?' }, image]);
  });

  it('holds a call back from the store until what is said is whole, and knows its state before (C4)', async () => {
    const { store, stored } = await opened();
    store.append(said('delta', 'Let', false));
    store.append({ ...call('call'), actions: { ...NO_ACTIONS, stateDelta: { called: true } } });
    await settle(50);
    expect([ids((await stored())?.events), ids(store.events)]).toEqual([[], []]);
    expect(store.state['called']).toBe(true);
    store.append(said('whole', 'Let me see.'));
    await store.flush();
    expect(ids((await stored())?.events)).toEqual(['whole', 'call']);
    expect(ids(store.events)).toEqual(['whole', 'call']);
  });

  it('stores a call that is still held back when the run ends (C5)', async () => {
    const { store, stored } = await opened();
    store.append(said('delta', 'Let', false));
    store.append(call('call'));
    await store.flush();
    expect(ids((await stored())?.events)).toEqual(['call']);
  });

  it('stores what was heard in the place of what was said, behind nothing that came later (C12)', async () => {
    const { store, stored } = await opened();
    let heard: (patch: Partial<Event>) => void = () => undefined;
    store.appendLater(said('1', 'Once upon a time'), new Promise((resolve) => (heard = resolve)));
    store.append(event('2', { interrupted: true }));
    expect(store.events[0]?.outputTranscription?.text).toBe('Once upon a time');
    heard({ interrupted: true, outputTranscription: { text: 'Once upon', finished: true } });
    await store.flush();
    const events = (await stored())?.events;
    expect(ids(events)).toEqual(['1', '2']);
    expect(events?.[0]).toMatchObject({ interrupted: true, outputTranscription: { text: 'Once upon' } });
    expect(store.events).toEqual(events);
  });

  it('stores an event as it was told when nothing better comes', async () => {
    const { store, stored } = await opened();
    store.appendLater(said('1', 'Once'), Promise.reject(new Error('nobody knows')));
    await store.flush();
    expect((await stored())?.events).toEqual([said('1', 'Once')]);
  });
});
