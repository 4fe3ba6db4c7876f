import { Chronicle } from '../chronicle.js';
import type { HistoryEntry } from '../history.js';
import type { Measurement } from '../report.js';
import { until } from '../../support/until.js';
import { pause, type Scenario } from './scenario.js';

const SLOW_BYTES_PER_S = 10_000;
/** So many do not drain, so that what one of them costs is more than noise. */
const PAUSED = 8;
const FRESH_MS = 3_000;
const COST_KB = 1_000;
const SLOW_CONSUMER_CODE = 4_413;
/** A story is some 15 s of speech. */
const STORY_EVERY_MS = 20_000;
const WEATHER_EVERY_MS = 7_000;
const LOOK_EVERY_MS = 5_000;
/** What was said while nobody read comes, and the answers to what is asked then. */
const AFTERWARDS_MS = 20_000;
/** A turn's audio is sent so much before it is heard, at most. */
const LEAD_MS = 1_000;

export const SLOW_CLIENT: Scenario = {
  name: 'slow-client',
  claim:
    'a client that does not drain for a minute costs ≤ 1 MB and loses no result; one that reads 10 kB/s hears fresh audio',
  size: { sessions: PAUSED + 3, rounds: 1, minutes: 1 },
  cluster: { workers: 1, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [200, 800],
  silent: PAUSED + 1,
  async play(stage) {
    const { size, cluster, party, fault, say } = stage;
    const [slow, ...others] = party.callers;
    const paused = others.slice(0, PAUSED);
    if (!slow || paused.length < PAUSED) throw new Error(`this scenario needs ${PAUSED + 1} callers`);
    // everyone hears a story first, so that what a call costs anyway is in the memory before
    for (const caller of [slow, ...paused]) caller.wantStory();
    await pause(STORY_EVERY_MS);
    await cluster.gatewayMemory();
    await pause(LOOK_EVERY_MS);
    const before = await cluster.gatewayMemory();
    say(`${paused.length} do not drain, ${slow.name} reads ${SLOW_BYTES_PER_S} B/s`);
    const over = [...paused.map(({ name }) => fault('client-pause', name)), fault('client-slow', slow.name)];
    for (const { line } of paused) line?.pause();
    slow.line?.slow(SLOW_BYTES_PER_S);
    let used = Number.NEGATIVE_INFINITY;
    let resident = Number.NEGATIVE_INFINITY;
    const endMs = performance.now() + size.minutes * 60_000;
    const every = (periodMs: number, act: () => void): NodeJS.Timeout => (act(), setInterval(act, periodMs));
    const wishes = [
      every(STORY_EVERY_MS, () => [slow, ...paused].forEach((caller) => caller.wantStory())),
      every(WEATHER_EVERY_MS, () => paused.forEach((caller) => caller.wantWeather())),
    ];
    while (performance.now() < endMs) {
      await pause(Math.min(LOOK_EVERY_MS, Math.max(0, endMs - performance.now())));
      const now = await cluster.gatewayMemory();
      used = Math.max(used, now.usedBytes - before.usedBytes);
      resident = Math.max(resident, now.rssBytes - before.rssBytes);
    }
    wishes.forEach(clearInterval);
    for (const { line } of paused) line?.unpause();
    slow.line?.slow(undefined);
    for (const end of over) end();
    await pause(AFTERWARDS_MS);
    await until('everyone goes on', () => [slow, ...paused].every(({ closed }) => !closed), 1_000);
    const chronicle = new Chronicle(party.history.entries);
    const callers = chronicle.callers();
    const told = paused.flatMap(({ name }) => callers.get(name) ?? []);
    const slowFault = chronicle.faults.find(({ kind }) => kind === 'client-slow');
    const kB = (bytes: number): number => Math.round(bytes / paused.length / 1_000);
    return [
      { what: 'memory that one of them costs', value: kB(used), unit: 'kB', atMost: COST_KB },
      { what: 'resident memory, the same', value: kB(resident), unit: 'kB' },
      {
        what: `closed with ${SLOW_CONSUMER_CODE}, of ${paused.length}`,
        value: told.filter((entry) => entry.op === 'line' && entry.code === SLOW_CONSUMER_CODE).length,
        unit: '',
        // who does not drain for half a minute
        ...(size.minutes >= 1 ? { atLeast: paused.length } : {}),
      },
      {
        what: 'holes that they were told of when they came back',
        value: told.filter((entry) => entry.op === 'resumed' && !entry.recovered).length,
        unit: '',
        atMost: 0,
      },
      ...audioOf(callers.get(slow.name) ?? [], slowFault?.beginMs ?? 0, slowFault?.endMs ?? 0),
    ];
  },
};

/**
 * How late the slow client heard what it heard. A turn begins when it was asked for, and its audio goes at the speed of
 * speech, `LEAD_MS` ahead: what comes later than that is older by so much. The model's own delay counts as age, too.
 */
function audioOf(seen: readonly HistoryEntry[], beginMs: number, endMs: number): readonly Measurement[] {
  const beginnings = new Map<number, number>();
  let askedMs = 0;
  const ages: number[] = [];
  for (const entry of seen) {
    if (entry.op === 'sent') askedMs = entry.tMs;
    if (entry.op !== 'audio') continue;
    if (!beginnings.has(entry.turn)) beginnings.set(entry.turn, askedMs);
    if (entry.tMs < beginMs || entry.tMs > endMs) continue;
    const leftMs = (beginnings.get(entry.turn) ?? 0) + Math.max(0, entry.tsMs - LEAD_MS);
    ages.push(entry.tMs - leftMs);
  }
  ages.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(ages[Math.floor((ages.length - 1) * share)] ?? 0);
  return [
    { what: 'frames that the slow client heard', value: ages.length, unit: '', atLeast: 1 },
    { what: 'their age at the median', value: at(0.5), unit: 'ms' },
    { what: 'age of the oldest', value: at(1), unit: 'ms', atMost: FRESH_MS },
  ];
}
