import type { Chronicle, Violation } from '../chronicle.js';

/** Each text is in its session exactly once. */
export function textsOnce(chronicle: Chronicle): readonly Violation[] {
  const sent = new Map(chronicle.all('sent').map((entry) => [entry.requestId, entry]));
  const lost = new Set(
    chronicle
      .all('closed')
      .filter(({ wanted }) => !wanted)
      .map(({ actor }) => actor),
  );
  const acked = new Set(chronicle.all('acked').map(({ requestId }) => requestId));
  return chronicle.all('storedText').flatMap((stored) => {
    const text = sent.get(stored.requestId);
    // what was on its way when the call was lost is not promised to anyone
    const excused = text !== undefined && lost.has(text.actor) && !acked.has(stored.requestId);
    if (stored.count === 1 || (stored.count === 0 && excused)) return [];
    const what = `text ${stored.requestId} is stored ${stored.count} times`;
    const evidence = text ? [text, stored] : [stored];
    return [{ promise: 'texts', who: text?.actor ?? stored.sessionId, what, evidence }];
  });
}

/** The agent answers, and knows what it was told. */
export function answered(chronicle: Chronicle): readonly Violation[] {
  const sent = new Map(chronicle.all('sent').map((entry) => [entry.requestId, entry]));
  return chronicle.all('unanswered').map((entry) => {
    const text = sent.get(entry.requestId);
    const seconds = Math.round(entry.afterMs / 1_000);
    const what =
      text?.kind === 'ask'
        ? `the agent did not say what it had been told, in ${seconds} s`
        : `there was no answer in ${seconds} s`;
    const promise = text?.kind === 'speech' ? 'speech' : 'answers';
    return { promise, who: entry.actor, what, evidence: text ? [text, entry] : [entry] };
  });
}

/** I5: every call of a tool has one outcome. */
export function oneOutcome(chronicle: Chronicle): readonly Violation[] {
  return chronicle
    .all('storedCall')
    .filter(({ responses }) => responses !== 1)
    .map((stored) => ({
      promise: 'I5',
      who: stored.sessionId,
      what: `call ${stored.callId} has ${stored.responses} outcomes`,
      evidence: [stored],
    }));
}

/** I7: nobody hears what another caller told. */
export function noLeak(chronicle: Chronicle): readonly Violation[] {
  const calls = chronicle.all('call');
  return chronicle.all('heard').flatMap((heard) => {
    const told = calls.filter(({ actor, word }) => actor !== heard.actor && heard.text.includes(word));
    return told.map((call) => ({
      promise: 'I7',
      who: heard.actor,
      what: `heard what ${call.actor} had told`,
      evidence: [call, heard],
    }));
  });
}

/** I8: each record of usage is there once. */
export function usageOnce(chronicle: Chronicle): readonly Violation[] {
  const seen = new Map<string, Violation['evidence'][number]>();
  return chronicle.all('usage').flatMap((usage) => {
    const same = seen.get(usage.recordId);
    seen.set(usage.recordId, usage);
    if (!same) return [];
    const what = `usage ${usage.recordId} is recorded twice`;
    return [{ promise: 'I8', who: usage.sessionId, what, evidence: [same, usage] }];
  });
}

/** I9: what may not be dropped (results of tools, final transcripts) has come, or the hole was told. */
export function nothingDropped(chronicle: Chronicle): readonly Violation[] {
  return [...chronicle.callers()].flatMap(([who, seen]) => {
    const sessions = new Set(seen.flatMap((entry) => (entry.op === 'call' ? [entry.sessionId] : [])));
    const came = new Set(seen.flatMap((entry) => (entry.op === 'message' ? [entry.eventId] : [])));
    const holeTold = seen.some((entry) => entry.op === 'resumed' && !entry.recovered);
    const lost = seen.some((entry) => entry.op === 'closed' && !entry.wanted);
    if (holeTold || lost) return [];
    return chronicle
      .all('storedEvent')
      .filter(({ sessionId, eventId }) => sessions.has(sessionId) && !came.has(eventId))
      .map((stored) => ({
        promise: 'I9',
        who,
        what: `the ${stored.what} ${stored.eventId} never came`,
        evidence: [stored],
      }));
  });
}
