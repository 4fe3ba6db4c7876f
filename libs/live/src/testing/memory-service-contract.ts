import { NO_ACTIONS, type Event } from '@parley/event';
import { newId } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MemoryService } from '../memory/memory-service.js';
import type { Session } from '../session/session-service.js';

/** What every adapter of `MemoryService` must do. `start` is called once a test; it may answer with the same one. */
export function describeMemoryService(
  name: string,
  start: () => MemoryService | Promise<MemoryService>,
): void {
  describe(name, () => {
    let service: MemoryService;
    let session: Session;

    beforeEach(async () => {
      service = await start();
      session = {
        tenantId: newId('ten'),
        appName: 'assistant',
        userId: 'ada',
        sessionId: 's1',
        state: {},
        events: [],
        lastUpdateTime: 0,
      };
    });

    const remember = (events: readonly Event[], change: Partial<Session> = {}): Promise<void> =>
      service.addSessionToMemory({ ...session, ...change, events });
    const found = async (query: string, limit?: number): Promise<(string | undefined)[]> =>
      (await service.searchMemory(session, query, limit)).map(({ content }) => content.parts[0]?.text);

    it('finds what was said and written, and says whose words it were, when and where', async () => {
      await remember([
        event(1, { author: 'user', inputTranscription: { text: 'My dog is called Rex.', finished: true } }),
        event(2, { outputTranscription: { text: 'What a name!', finished: true } }),
      ]);
      await remember([event(3, { content: { parts: [{ text: 'The dog has a vet.' }] } })], {
        sessionId: 's2',
      });
      expect(await service.searchMemory(session, 'Who is REX?')).toEqual([
        {
          content: { role: 'user', parts: [{ text: 'My dog is called Rex.' }] },
          author: 'user',
          timestamp: 1,
          sessionId: 's1',
        },
      ]);
      expect(await found('dog vet')).toEqual(['The dog has a vet.', 'My dog is called Rex.']);
      expect(await found('cat')).toEqual([]);
      expect(await found('')).toEqual([]);
    });

    it('gives at most so many, ten when nobody says', async () => {
      await remember(
        Array.from({ length: 15 }, (_, n) => event(n, { content: { parts: [{ text: `tea ${n}` }] } })),
      );
      expect(await found('tea')).toHaveLength(10);
      expect(await found('tea', 2)).toHaveLength(2);
      expect(await found('tea', 0)).toEqual([]);
    });

    it('finds words of other scripts', async () => {
      const texts = ['Die Straße nach Zürich', '明日は京都に行きます'];
      await remember(texts.map((text, n) => event(n, { content: { parts: [{ text }] } })));
      expect(await found('zürich')).toEqual([texts[0]]);
      expect(await found('京都')).toEqual([texts[1]]);
    });

    it('remembers neither deltas, nor thoughts, nor what has no words', async () => {
      await remember([
        event(1, { outputTranscription: { text: 'tea', finished: false }, partial: true }),
        event(2, { content: { parts: [{ text: 'tea', thought: true }] } }),
        event(3, { turnComplete: true }),
        event(4, { content: { parts: [{ text: '…' }] } }),
      ]);
      expect(await found('tea …')).toEqual([]);
    });

    it('takes a session that comes again for the same', async () => {
      const first = event(1, { content: { parts: [{ text: 'green tea' }] } });
      await remember([first]);
      await remember([first, event(2, { content: { parts: [{ text: 'black tea' }] } })]);
      expect((await found('tea')).sort()).toEqual(['black tea', 'green tea']);
    });

    it("finds nothing of another tenant's, app's or user's (I7)", async () => {
      await remember([event(1, { content: { parts: [{ text: 'tea' }] } })]);
      for (const other of [{ tenantId: newId('ten') }, { appName: 'translator' }, { userId: 'bob' }]) {
        expect(await service.searchMemory({ ...session, ...other }, 'tea')).toEqual([]);
      }
      expect(await found('tea')).toEqual(['tea']);
    });
  });
}

function event(timestamp: number, draft: Partial<Event>): Event {
  return {
    id: `evt_${timestamp}`,
    invocationId: 'e-1',
    author: 'assistant',
    timestamp,
    actions: NO_ACTIONS,
    ...draft,
  };
}
