import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { settingsOfThisProcess } from '@parley/config';
import { capabilitiesOf } from '@parley/gemini';
import { systemClock } from '@parley/kernel';
import type { Check } from './check.js';
import type { Situation } from './run/situation.js';
import { CHECKS } from './checks/all-checks.js';
import { markdownReport, resultLine } from './report/markdown-report.js';
import { countVerdicts, summaryOf, type VerifyReport } from './report/verify-report.js';
import { chooseTarget } from './run/choose-target.js';
import { startEmulatedService } from './run/emulated-service.js';
import { Redactor } from './run/redactor.js';
import { runChecks } from './run/run-checks.js';
import { Spending } from './run/spending.js';
import { loadSpokenLines } from './run/spoken-lines.js';
import type { Target } from './run/target.js';
import { HELP, readOptions, UsageError, type VerifyOptions } from './verify-options.js';
import { verifySettings } from './verify-settings.js';

/** sysexits.h EX_USAGE and EX_CONFIG. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

const RECORDINGS = 'test/fixtures';
/** Google's services only open so many connections a minute: Vertex AI ten in a region. */
const PAUSE_MS = { gemini: 500, vertex: 6_000, emulator: 0 } as const;
const PARALLEL = { gemini: 1, vertex: 1, emulator: 4 } as const;

const clock = systemClock;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Resolves with the exit status. */
async function verify(options: VerifyOptions, checks: readonly Check[]): Promise<number> {
  const settings = settingsOfThisProcess(verifySettings);
  const model = options.model ?? settings.model;
  if (options.service === 'emulator') {
    const service = await startEmulatedService();
    try {
      return await ask(options, checks, service.target, model);
    } finally {
      await service.close();
    }
  }
  const target = chooseTarget(options, settings);
  if (!('missing' in target)) return ask(options, checks, target, model);
  process.stderr.write(`${target.missing}\n`);
  return EXIT_CONFIG;
}

async function ask(
  options: VerifyOptions,
  checks: readonly Check[],
  target: Target,
  model: string,
): Promise<number> {
  const startedAt = new Date(clock.nowMs()).toISOString();
  const startedMs = clock.monotonicMs();
  const redactor = new Redactor();
  for (const secret of Object.values(target.credential)) redactor.learn(secret);
  const spending = new Spending({ sessions: options.maxSessions, spokenMs: options.maxSpokenMs });
  const situation: Situation = {
    target,
    model,
    capabilities: capabilitiesOf(model),
    lines: await loadSpokenLines(RECORDINGS),
    waitForGoAway: options.waitForGoAway,
  };
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  // Timers of the clock keep no process alive, and between two checks there may be nothing else.
  const awake = setInterval(() => undefined, 60_000);
  const results = await runChecks({
    checks,
    situation,
    clock,
    spending,
    redactor,
    parallel: options.parallel ?? PARALLEL[target.kind],
    pauseMs: options.baseUrl === undefined ? PAUSE_MS[target.kind] : 0,
    deadlineMs: options.deadlineMs,
    signal: stop.signal,
    onResult: (result) => print(resultLine(result)),
  });
  clearInterval(awake);
  const report: VerifyReport = {
    version: 1,
    startedAt,
    tookMs: Math.round(clock.monotonicMs() - startedMs),
    service: target.kind,
    host: new URL(target.baseUrl).host,
    model: redactor.clean(model),
    node: process.versions.node,
    stopped: stop.signal.aborted,
    spent: { sessions: spending.sessions, spokenMs: spending.spokenMs, tokens: spending.tokens },
    counts: countVerdicts(results),
    checks: results,
  };
  await write(options.reportFile, markdownReport(report));
  await write(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  print(`${summaryOf(report)}; ${options.reportFile}, ${options.jsonFile}`);
  return report.counts.fail > 0 || report.stopped ? 1 : 0;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function chosen(names: readonly string[] | undefined): readonly Check[] {
  const unknown = names?.filter((name) => !CHECKS.some((check) => check.name === name)) ?? [];
  if (unknown.length > 0) throw new UsageError(`There is no check ${unknown.join(', ')}; --list names them.`);
  return names === undefined ? CHECKS : CHECKS.filter(({ name }) => names.includes(name));
}

function list(checks: readonly Check[]): number {
  for (const { name, question } of checks) print(`${name.padEnd(26)} ${question}`);
  return 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) {
    const checks = chosen(options.checks);
    process.exitCode = options.list ? list(checks) : await verify(options, checks);
  } else print(HELP);
} catch (thrown) {
  process.exitCode = thrown instanceof UsageError ? EXIT_USAGE : 1;
  process.stderr.write(`verify:gemini: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
}
