import { readChaosOptions, USAGE, type ChaosOptions } from './chaos-options.js';
import { missed, summaryOf, writeReport, type Report } from './report.js';
import { SCENARIOS } from './scenarios/all-scenarios.js';
import { play } from './scenarios/play.js';
import { runSeed } from './seed-run.js';

/** Breaks the system on purpose, in a cluster of its own, and says what came of it. Ends with 1 when a promise was broken. */

const FOLDER = 'test-results/chaos';
const DEFAULT_SESSIONS = 8;
const DEFAULT_MINUTES = 1;
/** What the acceptance list asks for: many seeds, each of them short. */
const MANY_SEEDS = { rounds: 200, minutes: 20 / 60 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

let options: ChaosOptions;
try {
  options = readChaosOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(64);
}

const broken: number[] = [];
for await (const report of runs(options)) {
  const path = writeReport(report, FOLDER);
  say(summaryOf(report));
  say(`  ${path}`);
  if (report.violations.length + missed(report).length > 0) broken.push(report.seed);
}
say(broken.length === 0 ? 'All promises were kept.' : `Promises were broken with seed ${broken.join(', ')}.`);
process.exit(broken.length === 0 ? 0 : 1);

async function* runs(asked: ChaosOptions): AsyncGenerator<Report> {
  const { seed, scenario: name, sessions, rounds, minutes, keep } = asked;
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario) {
    say(`${scenario.name}, seed ${seed}: ${scenario.claim}`);
    const size = {
      ...(sessions === undefined ? {} : { sessions }),
      ...(rounds === undefined ? {} : { rounds }),
      ...(minutes === undefined ? {} : { minutes }),
    };
    yield await play(scenario, { seed, size, folder: FOLDER, keepLogs: keep, say });
    return;
  }
  const many = name === 'seeds';
  const count = many ? (rounds ?? MANY_SEEDS.rounds) : asked.seeds;
  const forMinutes = minutes ?? (many ? MANY_SEEDS.minutes : DEFAULT_MINUTES);
  for (let n = 0; n < count; n++) {
    say(`seed ${seed + n} …`);
    yield await runSeed({
      seed: seed + n,
      forMs: forMinutes * 60_000,
      sessions: sessions ?? DEFAULT_SESSIONS,
      only: asked.only,
      folder: FOLDER,
      keepLogs: keep,
    });
  }
}
