import { NO_ACTIONS, type Event } from '@parley/event';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionKey, SessionService } from '../session/session-service.js';

/** Epochs are microseconds: beyond 32 bits. */
const EPOCH = 1_790_000_000_000_000;

const said = (id: string): Event => ({
  id,
  invocationId: 'e-1',
  author: 'assistant',
  timestamp: 1_767_225_600_000,
  content: { role: 'model', parts: [{ text: `said in ${id}` }] },
  partial: false,
  actions: NO_ACTIONS,
});

/** What `SessionService` promises of fences; part of its contract suite. */
export function describeFencing(
  given: () => { readonly service: SessionService; readonly key: SessionKey },
): void {
  describe('fencing', () => {
    let service: SessionService;
    let key: SessionKey;
    beforeEach(async () => {
      ({ service, key } = given());
      await service.createSession(key);
    });

    it('refuses a writer whose fence was overtaken, and stores nothing of it', async () => {
      await service.raiseFence(key, EPOCH);
      await service.appendEvent(key, said('e1'), EPOCH);
      await service.raiseFence(key, EPOCH + 1);
      const late = { ...said('e2'), actions: { ...NO_ACTIONS, stateDelta: { late: true } } };
      await expect(service.appendEvent(key, late, EPOCH)).rejects.toMatchObject({ code: 'superseded' });
      await service.appendEvent(key, said('e3'), EPOCH + 1);
      const session = await service.getSession(key);
      expect(session?.events.map(({ id }) => id)).toEqual(['e1', 'e3']);
      expect(session?.state).toEqual({});
    });

    it('lowers nothing, and lets writers without a fence through', async () => {
      await service.raiseFence(key, EPOCH);
      await service.raiseFence(key, 1);
      await expect(service.appendEvent(key, said('e1'), 1)).rejects.toMatchObject({ code: 'superseded' });
      await service.appendEvent(key, said('e2'));
      expect((await service.getSession(key))?.events).toHaveLength(1);
    });

    it('leaves what does not exist as it is', async () => {
      const none = { ...key, sessionId: 'none' };
      await service.raiseFence(none, EPOCH);
      expect(await service.getSession(none)).toBeUndefined();
      const lost = service.appendEvent(none, said('e1'), EPOCH);
      await expect(lost).rejects.toMatchObject({ code: 'session_not_found' });
    });
  });
}
