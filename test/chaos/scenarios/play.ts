import { check } from '../checker.js';
import { Cluster } from '../cluster.js';
import { Party } from '../conversation-party.js';
import { reportOf, type Report } from '../report.js';
import { SeededRandom } from '../seeded-random.js';
import type { Scenario, Size } from './scenario.js';

const PATIENCE_MS = 60_000;

export interface PlayOptions {
  readonly seed: number;
  readonly size: Partial<Size>;
  readonly folder: string;
  readonly keepLogs: boolean;
  readonly say: (line: string) => void;
}

/** Plays one scenario on a cluster of its own, and judges it. */
export async function play(scenario: Scenario, options: PlayOptions): Promise<Report> {
  const { seed, folder, keepLogs, say } = options;
  const size = { ...scenario.size, ...options.size };
  const random = new SeededRandom(seed);
  // what is left of the workers when one is gone has room for all
  const capacity = Math.ceil((size.sessions * 1.5) / Math.max(1, scenario.cluster.workers - 1)) + 10;
  const cluster = await Cluster.start({ capacity, ...scenario.cluster });
  let kept = keepLogs;
  try {
    const party = new Party({
      ...{ cluster, patienceMs: PATIENCE_MS, sessions: size.sessions, pause: scenario.pause },
      random: random.fork(),
      historyFile: `${folder}/${scenario.name}-${seed}.history.jsonl`,
    });
    const { history } = party;
    let faults = 0;
    const fault = (kind: string, target: string): (() => void) => {
      const id = (faults += 1);
      history.add('chaos', { op: 'fault', id, kind, target, phase: 'begin' });
      return () => void history.add('chaos', { op: 'fault', id, kind, target, phase: 'end' });
    };
    await party.begin();
    say(`${size.sessions} calls are up`);
    party.talk(scenario.silent);
    const measured = await scenario.play({ ...{ cluster, party, random, size, fault, say } });
    await party.hush();
    const machineLagMs = await party.finish();
    const violations = check(history.entries);
    kept ||= violations.length > 0;
    return reportOf({
      ...{ name: scenario.name, seed, sessions: size.sessions, machineLagMs, violations, measured },
      entries: history.entries,
    });
  } finally {
    await cluster.stop({ keep: kept });
    if (kept) say(`logs and database: ${cluster.dataDir}`);
  }
}
