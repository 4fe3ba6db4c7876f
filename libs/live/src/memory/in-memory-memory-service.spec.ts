import { NO_ACTIONS } from '@parley/event';
import { describe, expect, it } from 'vitest';
import type { Session } from '../session/session-service.js';
import { describeMemoryService } from '../testing/memory-service-contract.js';
import { InMemoryMemoryService } from './in-memory-memory-service.js';

describeMemoryService('InMemoryMemoryService', () => new InMemoryMemoryService());

const session = (sessionId: string, texts: readonly string[], userId = 'ada'): Session => ({
  tenantId: 't',
  appName: 'a',
  userId,
  sessionId,
  state: {},
  lastUpdateTime: 0,
  events: texts.map((text, n) => ({
    id: `evt_${n}`,
    invocationId: 'e-1',
    author: 'user',
    timestamp: n,
    actions: NO_ACTIONS,
    content: { role: 'user', parts: [{ text }] },
  })),
});
const scope = { tenantId: 't', appName: 'a', userId: 'ada' };

describe('InMemoryMemoryService', () => {
  it('forgets the oldest sessions of a user beyond 2,000 entries', async () => {
    const service = new InMemoryMemoryService();
    const many = (word: string, count: number): string[] =>
      Array.from({ length: count }, (_, n) => `${word} ${n}`);
    await service.addSessionToMemory(session('s1', many('old', 1_500)));
    await service.addSessionToMemory(session('s2', many('new', 1_000)));
    expect(await service.searchMemory(scope, 'old', 9_999)).toEqual([]);
    await service.addSessionToMemory(session('s3', many('huge', 3_000)));
    expect(await service.searchMemory(scope, 'huge', 9_999)).toHaveLength(2_000);
  });

  it('forgets the user who was added to longest ago beyond 1,000', async () => {
    const service = new InMemoryMemoryService();
    for (let n = 0; n <= 1_000; n++) await service.addSessionToMemory(session('s', ['tea'], `user ${n}`));
    const found = async (userId: string): Promise<number> =>
      (await service.searchMemory({ ...scope, userId }, 'tea')).length;
    expect([await found('user 0'), await found('user 1'), await found('user 1000')]).toEqual([0, 1, 1]);
  });
});
