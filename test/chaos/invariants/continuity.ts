import type { Chronicle, EntryOf, Violation } from '../chronicle.js';

/** I3 allows 10 s; what Redis says is looked up twice a second. */
const FAILOVER_MS = 10_000;
const LOOK_MS = 1_000;
/** While Redis is away nothing can be placed, and what it lost is told to it within 5 s of its return. */
const REDIS_AWAY = /^(redis|partition-all-redis)/;
const REDIS_RETURN_MS = 5_000;

/** I3: a live run that goes on is owned by a living worker, or is so again within 10 s. */
export function ownedOrFailingOver(chronicle: Chronicle): readonly Violation[] {
  const violations: Violation[] = [];
  const runs = new Map<string, EntryOf<'owner' | 'unowned'>[]>();
  for (const entry of chronicle.entries) {
    if (entry.op !== 'owner' && entry.op !== 'unowned') continue;
    const run = runs.get(entry.liveId);
    if (run) run.push(entry);
    else runs.set(entry.liveId, [entry]);
  }
  for (const [liveId, seen] of runs) {
    let lost: EntryOf<'owner' | 'unowned'> | undefined;
    for (const entry of seen) {
      const owned = entry.op === 'owner' && entry.alive;
      if (owned || chronicle.during(REDIS_AWAY, entry.tMs, REDIS_RETURN_MS)) {
        lost = undefined;
        continue;
      }
      lost ??= entry;
      if (entry.tMs - lost.tMs <= FAILOVER_MS + LOOK_MS) continue;
      const seconds = Math.round((entry.tMs - lost.tMs) / 1_000);
      const what = `nobody alive has owned it for ${seconds} s`;
      violations.push({ promise: 'I3', who: liveId, what, evidence: [lost, entry] });
      break;
    }
  }
  return violations;
}

/** A call ends when its caller hangs up, and not before. */
export function noCallLost(chronicle: Chronicle): readonly Violation[] {
  return chronicle
    .all('closed')
    .filter(({ wanted }) => !wanted)
    .map((closed) => ({
      promise: 'calls',
      who: closed.actor,
      what: `the call ended by itself (${closed.code} ${closed.reason})`,
      evidence: [closed],
    }));
}
