import type { Chronicle, EntryOf, Violation } from '../chronicle.js';

/** I1: a live run has one owner at a time, and what an owner of before does has no effect. */
export function oneOwner(chronicle: Chronicle): readonly Violation[] {
  const violations: Violation[] = [];
  const newest = new Map<string, EntryOf<'owner'>>();
  for (const seen of chronicle.all('owner')) {
    const before = newest.get(seen.liveId);
    if (before && seen.epoch < before.epoch) {
      violations.push(about(seen, 'the epoch of its owner fell', [before, seen]));
    } else if (before && seen.epoch === before.epoch && ownerOf(seen) !== ownerOf(before)) {
      violations.push(about(seen, 'two owners have the same epoch', [before, seen]));
    }
    if (!before || seen.epoch >= before.epoch) newest.set(seen.liveId, seen);
  }
  for (const quiet of chronicle.all('modelSessions')) {
    if (quiet.open <= quiet.calls) continue;
    const what = `${quiet.open} conversations are open at the model for ${quiet.calls} calls`;
    violations.push({ promise: 'I1', who: 'model', what, evidence: [quiet] });
  }
  return [...violations, ...numberedByTwo(chronicle)];
}

/** Numbers of a run are given by its owner: one that is stored twice was given by two. */
function numberedByTwo(chronicle: Chronicle): readonly Violation[] {
  const given = new Map<string, EntryOf<'stored'>>();
  return chronicle.all('stored').flatMap((stored) => {
    const number = `${stored.run} ${stored.seq}`;
    const same = given.get(number);
    given.set(number, stored);
    if (!same) return [];
    const what = `two stored events have the number ${stored.seq} of one run`;
    return [{ promise: 'I1', who: stored.sessionId, what, evidence: [same, stored] }];
  });
}

/** I6: epochs rise through a flush of Redis. */
export function risingEpochs(chronicle: Chronicle): readonly Violation[] {
  const owners = chronicle.all('owner');
  return chronicle.faults
    .filter(({ kind }) => kind === 'redis-flush')
    .flatMap((flush) => {
      const before = owners.filter(({ tMs }) => tMs < flush.beginMs);
      const granted = new Set(before.map(grantOf));
      const highest = before.reduce<EntryOf<'owner'> | undefined>(
        (max, seen) => (max && max.epoch >= seen.epoch ? max : seen),
        undefined,
      );
      if (!highest) return [];
      const wrong = owners.find(
        (seen) => seen.tMs > flush.beginMs && !granted.has(grantOf(seen)) && seen.epoch <= highest.epoch,
      );
      if (!wrong) return [];
      return [
        {
          promise: 'I6',
          who: wrong.liveId,
          what: 'a grant after the flush has an epoch of before it',
          evidence: [highest, wrong],
        },
      ];
    });
}

const ownerOf = (seen: EntryOf<'owner'>): string => `${seen.workerId} ${seen.incarnation}`;
const grantOf = (seen: EntryOf<'owner'>): string => `${seen.liveId} ${seen.epoch}`;

function about(seen: EntryOf<'owner'>, what: string, evidence: Violation['evidence']): Violation {
  return { promise: 'I1', who: seen.liveId, what, evidence };
}
