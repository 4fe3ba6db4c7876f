import { audioPauses } from '../audio-pauses.js';
import type { Chronicle, Violation } from '../chronicle.js';

const REDIS_AWAY = /^(redis-(kill|stop)|partition-all-redis)$/;
const OTHERS = /^(?!redis-|partition-all-redis|clock-skew)/;
const MAX_AUDIO_GAP_MS = 200;
const MAX_REFUSAL_MS = 300;
/** A question on its way when Redis stops is answered by the time limit of its command. */
const NOTICE_MS = 1_000;

/** I11: while Redis is away audio goes on, and who wants a new session is refused at once. */
export function audioWithoutRedis(chronicle: Chronicle): readonly Violation[] {
  const outages = chronicle.faults.filter(
    (fault) =>
      REDIS_AWAY.test(fault.kind) &&
      !chronicle.faults.some(
        (other) =>
          OTHERS.test(other.kind) && other.beginMs < fault.endMs && other.endMs + 10_000 > fault.beginMs,
      ),
  );
  return outages.flatMap(({ beginMs, endMs }) => {
    const silent = [...chronicle.callers()].flatMap(([who, seen]) => {
      const during = seen.filter(({ tMs }) => tMs >= beginMs && tMs <= endMs);
      return audioPauses(during)
        .filter(({ ms }) => ms > MAX_AUDIO_GAP_MS)
        .map(({ ms, frames }): Violation => {
          const what = `no audio for ${Math.round(ms)} ms while Redis was away`;
          return { promise: 'I11', who, what, evidence: frames };
        });
    });
    const slow = chronicle
      .all('probe')
      .filter(({ tMs, ms }) => tMs - ms >= beginMs + NOTICE_MS && tMs <= endMs)
      .filter(({ ms, code }) => ms > MAX_REFUSAL_MS || code === '')
      .map((probe) => ({
        promise: 'I11',
        who: probe.actor,
        what:
          probe.code === ''
            ? 'a session was placed while Redis was away'
            : `the refusal took ${Math.round(probe.ms)} ms`,
        evidence: [probe],
      }));
    return [...silent, ...slow];
  });
}
