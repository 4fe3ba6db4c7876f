import { NO_ACTIONS, type Event } from '@parley/event';
import { settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { InMemorySessionService } from './in-memory-session-service.js';
import type { SessionService } from './session-service.js';
import { SessionWriter } from './session-writer.js';

const KEY = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's' };
const event = (id: string): Event => ({
  id,
  invocationId: 'e-1',
  author: 'agent',
  timestamp: 0,
  actions: NO_ACTIONS,
});

async function writing(): Promise<{
  writer: SessionWriter;
  failures: unknown[];
  ids: () => Promise<string[]>;
}> {
  const service = new InMemorySessionService();
  await service.createSession(KEY);
  const failures: unknown[] = [];
  return {
    writer: new SessionWriter(service, KEY, (error) => failures.push(error)),
    failures,
    ids: async () => (await service.getSession(KEY))?.events.map(({ id }) => id) ?? [],
  };
}

describe('SessionWriter', () => {
  it('keeps the place of an event that is not known yet', async () => {
    const { writer, ids } = await writing();
    let known: (event: Event) => void = () => undefined;
    writer.append(event('1'));
    writer.appendLater(new Promise((resolve) => (known = resolve)));
    writer.append(event('3'));
    await settle(50);
    expect(await ids()).toEqual(['1']);
    known(event('2'));
    await writer.flush();
    expect(await ids()).toEqual(['1', '2', '3']);
  });

  it('writes nothing behind a failure, and tells of it once', async () => {
    const { writer, failures, ids } = await writing();
    writer.append(event('1'));
    writer.appendLater(Promise.reject(new Error('never known')));
    writer.append(event('3'));
    await expect(writer.flush()).rejects.toMatchObject({ details: { notStored: true } });
    writer.append(event('4'));
    await expect(writer.flush()).rejects.toMatchObject({ details: { notStored: true } });
    expect(await ids()).toEqual(['1']);
    expect(failures).toHaveLength(1);
  });

  it('has no room while 256 writes are pending', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = { appendEvent: () => gate } as unknown as SessionService;
    const writer = new SessionWriter(slow, KEY, () => undefined);
    for (let n = 0; n < 255; n++) writer.append(event(String(n)));
    await writer.room();
    writer.append(event('255'));
    let room = false;
    const waiting = writer.room().then(() => (room = true));
    await settle();
    expect(room).toBe(false);
    release();
    await waiting;
  });
});
