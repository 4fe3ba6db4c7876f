import { Chronicle } from '../chronicle.js';
import type { HistoryEntry } from '../history.js';
import { until } from '../../support/until.js';
import { pause, type Scenario } from './scenario.js';

const SLOW_BYTES_PER_S = 10_000;
const FRESH_MS = 3_000;
const STORY_EVERY_MS = 10_000;

export const SLOW_CLIENT: Scenario = {
  name: 'slow-client',
  claim:
    'a client that does not drain for a minute costs ≤ 1 MB and loses no result; one that reads 10 kB/s hears fresh audio',
  size: { sessions: 4, rounds: 1, minutes: 1 },
  cluster: { workers: 1, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [200, 800],
  silent: 2,
  async play(stage) {
    const { size, party, fault, say } = stage;
    const [paused, slow] = party.callers;
    if (!paused || !slow) throw new Error('this scenario needs two callers');
    const rssBefore = party.observer.memoryOf('gateway');
    say(`${paused.name} does not drain, ${slow.name} reads ${SLOW_BYTES_PER_S} B/s`);
    const pausedOver = fault('client-pause', paused.name);
    const slowOver = fault('client-slow', slow.name);
    paused.line?.pause();
    slow.line?.slow(SLOW_BYTES_PER_S);
    let highest = rssBefore;
    let nextStoryMs = performance.now();
    const endMs = performance.now() + size.minutes * 60_000;
    while (performance.now() < endMs) {
      // a story is some 15 s of speech
      if (performance.now() >= nextStoryMs) {
        nextStoryMs += STORY_EVERY_MS;
        paused.wantStory();
        slow.wantStory();
      }
      await pause(1_000);
      highest = Math.max(highest, party.observer.memoryOf('gateway'));
    }
    paused.line?.unpause();
    pausedOver();
    slow.line?.slow(undefined);
    slowOver();
    await until('both go on', () => !paused.closed && !slow.closed, 1_000);
    await pause(10_000);
    const chronicle = new Chronicle(party.history.entries);
    const slowFault = chronicle.faults.find(({ kind }) => kind === 'client-slow');
    const seen = chronicle.callers().get(slow.name) ?? [];
    const during = seen.filter(({ tMs }) => slowFault && tMs >= slowFault.beginMs && tMs <= slowFault.endMs);
    return [
      {
        what: "growth of the gateway's memory",
        value: Math.round((highest - rssBefore) / 1_000),
        unit: 'kB',
      },
      {
        what: 'age of the oldest audio that the slow client heard',
        value: oldestAudioMs(during),
        unit: 'ms',
        atMost: FRESH_MS,
      },
    ];
  },
};

/** How much later than at its own pace the latest frame of a turn came, compared with the turn's first. */
function oldestAudioMs(seen: readonly HistoryEntry[]): number {
  const starts = new Map<number, number>();
  let oldest = 0;
  for (const entry of seen) {
    if (entry.op !== 'audio') continue;
    const start = starts.get(entry.turn) ?? entry.tMs - entry.tsMs;
    starts.set(entry.turn, Math.min(start, entry.tMs - entry.tsMs));
    oldest = Math.max(oldest, entry.tMs - entry.tsMs - start);
  }
  return Math.round(oldest);
}
