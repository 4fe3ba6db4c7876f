import { parseArgs } from 'node:util';
import { FAULT_KINDS } from './fault-plan.js';
import { SCENARIO_NAMES } from './scenarios/all-scenarios.js';

export const USAGE = `usage: npm run chaos -- [--seed N] [--seeds N] [--minutes M] [--sessions N] [--only fault,fault]
       npm run chaos -- --scenario ${SCENARIO_NAMES.join('|')} [--sessions N] [--rounds N] [--minutes M]
  --seed      of the first run; default: by the clock, and printed
  --seeds     runs one after the other, each with the next seed; default 1
  --minutes   for which faults are injected; default 1
  --keep      keep logs and database also when all is well
faults: ${FAULT_KINDS.join(', ')}, none
`;

export interface ChaosOptions {
  readonly seed: number;
  readonly seeds: number;
  /** Undefined: what the scenario takes by itself. */
  readonly minutes: number | undefined;
  readonly sessions: number | undefined;
  readonly rounds: number | undefined;
  readonly only: readonly string[] | undefined;
  readonly scenario: string | undefined;
  readonly keep: boolean;
}

/** Throws an Error that says what is wrong. */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      minutes: { type: 'string' },
      sessions: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      scenario: { type: 'string' },
      keep: { type: 'boolean' },
    },
  });
  const only = values.only?.split(',').filter((kind) => kind !== '');
  const unknown = only?.filter((kind) => kind !== 'none' && !FAULT_KINDS.includes(kind)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no fault ${unknown.join(', ')}.`);
  if (values.scenario !== undefined && !SCENARIO_NAMES.includes(values.scenario)) {
    throw new Error(`There is no scenario ${values.scenario}.`);
  }
  return {
    seed: number('seed', values.seed, 0, 2 ** 32 - 1, 1) ?? Date.now() % 1_000_000,
    seeds: number('seeds', values.seeds, 1, 10_000, 1) ?? 1,
    minutes: number('minutes', values.minutes, 0.01, 24 * 60, 0),
    sessions: number('sessions', values.sessions, 1, 1_000, 1),
    rounds: number('rounds', values.rounds, 1, 1_000, 1),
    only,
    scenario: values.scenario,
    keep: values.keep ?? false,
  };
}

/** `step` 1 takes whole numbers only. */
function number(
  flag: string,
  text: string | undefined,
  min: number,
  max: number,
  step: 0 | 1,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value >= min && value <= max && (step === 0 || Number.isInteger(value))) return value;
  throw new Error(`--${flag} must be a number from ${min} to ${max}.`);
}
