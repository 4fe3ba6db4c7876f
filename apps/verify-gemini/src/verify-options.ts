import { parseArgs } from 'node:util';

export interface VerifyOptions {
  /** Undefined: the setting, else Parley's default. */
  readonly model: string | undefined;
  readonly service: 'gemini' | 'vertex' | 'emulator';
  /** Names of checks; undefined asks all. */
  readonly checks: readonly string[] | undefined;
  readonly reportFile: string;
  readonly jsonFile: string;
  readonly waitForGoAway: boolean;
  readonly baseUrl: string | undefined;
  readonly parallel: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly maxSessions: number;
  readonly maxSpokenMs: number;
  readonly list: boolean;
}

/** A command line that can't be carried out; the message says why. */
export class UsageError extends Error {}

export const HELP = `Asks Google's Live API what no document tells, and whether it does what Parley relies on.

  npm run verify:gemini                      with GEMINI_API_KEY or GOOGLE_API_KEY
  npm run verify:gemini -- --vertex          on Vertex AI: GOOGLE_CLOUD_PROJECT, GOOGLE_CLOUD_LOCATION and a key or token
  npm run verify:gemini -- --emulator        against an emulator in this process, without a key

Options
  --model NAME          default: PARLEY_MODEL, else gemini-3.8-live
  --checks A,B          only these; --list says what there is
  --wait-for-go-away    also wait some ten minutes for the end of a connection
  --report FILE         Markdown (default test-results/verify-gemini.md)
  --json FILE           the same for programs (default test-results/verify-gemini.json)
  --parallel N          checks at the same time (default 1; 4 with --emulator)
  --max-sessions N      open no more (default 60)
  --max-spoken-s N      send no more seconds of speech (default 90)
  --deadline-s N        give no check more time than this
  --base-url URL        another address of the service, which gets the key
  --list, --help

Exit status: 0 when nothing failed, 1 when a check failed, 64 for a wrong command line, 78 without a key.`;

const MAX_SESSIONS = 60;
const MAX_SPOKEN_S = 90;

/** Reads the command line; undefined when it asks for help. Throws `UsageError`. */
export function readOptions(args: readonly string[]): VerifyOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.emulator && (values.vertex || values['base-url'] !== undefined)) {
    throw new UsageError('--emulator goes with neither --vertex nor --base-url.');
  }
  const deadlineS = wholeNumber('--deadline-s', values['deadline-s']);
  return {
    model: values.model,
    service: values.emulator ? 'emulator' : values.vertex ? 'vertex' : 'gemini',
    checks: values.checks === undefined ? undefined : namesIn(values.checks),
    reportFile: values.report,
    jsonFile: values.json,
    waitForGoAway: values['wait-for-go-away'],
    baseUrl: values['base-url'] === undefined ? undefined : httpUrl(values['base-url']),
    parallel: wholeNumber('--parallel', values.parallel),
    deadlineMs: deadlineS === undefined ? undefined : deadlineS * 1_000,
    maxSessions: wholeNumber('--max-sessions', values['max-sessions']) ?? MAX_SESSIONS,
    maxSpokenMs: (wholeNumber('--max-spoken-s', values['max-spoken-s']) ?? MAX_SPOKEN_S) * 1_000,
    list: values.list,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        model: { type: 'string' },
        vertex: { type: 'boolean', default: false },
        emulator: { type: 'boolean', default: false },
        checks: { type: 'string' },
        report: { type: 'string', default: 'test-results/verify-gemini.md' },
        json: { type: 'string', default: 'test-results/verify-gemini.json' },
        'wait-for-go-away': { type: 'boolean', default: false },
        'base-url': { type: 'string' },
        parallel: { type: 'string' },
        'max-sessions': { type: 'string' },
        'max-spoken-s': { type: 'string' },
        'deadline-s': { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function namesIn(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new UsageError('--checks wants names with commas between.');
  return names;
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${name} wants a whole number above 0.`);
  return value;
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new UsageError('--base-url wants an http or https address without a query.');
  }
  return url.toString().replace(/\/+$/, '');
}
