import { NO_ACTIONS, type Event } from '@parley/event';
import { InMemorySessionService } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { had, SESSION } from '../testing/fleet.js';
import { takeOver } from './take-over.js';

const stored = (n: number): Event => ({
  id: `evt_${n}`,
  invocationId: 'e-1',
  author: 'greeter',
  timestamp: n,
  outputTranscription: { text: `Sentence ${n}.`, finished: true },
  actions: NO_ACTIONS,
});
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `evt_${from + n}`);

/** What a run of 100 stored events sends again to a client that has had `seen`. */
async function sentAgain(seen: readonly string[]): Promise<readonly string[]> {
  const sessions = new InMemorySessionService();
  await sessions.createSession(SESSION);
  for (let n = 0; n < 100; n++) await sessions.appendEvent(SESSION, stored(n));
  const reception = had({ cause: 'worker', seq: 100, seen: [...seen] });
  const open = { ...SESSION, liveId: 'live_1', runConfig: {}, role: 'owner' as const, reception };
  const { unseen } = await takeOver(open, {} as never, undefined, sessions, 0);
  return unseen.map(({ id }) => id);
}

describe('what is sent again to who has had most of a run', () => {
  it('is what is missing behind the older half of a list that was cut', async () => {
    expect(await sentAgain([...ids(35, 98), 'evt_99'])).toEqual(['evt_98']);
  });

  it('is nothing of what fell off the list before something that came late', async () => {
    const cameLate = ['evt_30', 'evt_31'];
    expect(await sentAgain([...ids(36, 40), ...cameLate, ...ids(40, 100)])).toEqual([]);
  });

  it('is all that is missing in a list that is short, so that nothing fell off it', async () => {
    expect((await sentAgain(['evt_0', 'evt_2'])).slice(0, 2)).toEqual(['evt_1', 'evt_3']);
  });
});
