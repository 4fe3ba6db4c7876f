import { ParleyError } from '@parley/kernel';
import { completeFault, readFault, type CompleteFault, type Fault } from './fault.js';

export interface FaultRule {
  readonly fault: Fault;
  /** 0…1 for each session; default 1. */
  readonly probability?: number;
  /** How many sessions it strikes at most; default any number. */
  readonly times?: number;
}

const MAX_KEYS = 10_000;

/**
 * Decides which faults a new session gets: those of its scenario, then those set for the emulator. Chance is
 * seeded, and the rules are asked in order, so that the same sessions get the same faults again.
 */
export class FaultPlan {
  readonly #random: () => number;
  readonly #struck = new Map<FaultRule, number>();
  readonly #sessionsOfKey = new Map<string, number>();
  #rules: readonly FaultRule[];

  constructor(rules: readonly FaultRule[], random: () => number) {
    this.#rules = rules;
    this.#random = random;
  }

  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  /** For the sessions from now on. */
  set(rules: readonly FaultRule[]): void {
    for (const rule of this.#rules) this.#struck.delete(rule);
    this.#rules = rules;
  }

  /** `key` names whose session it is. */
  forSession(ofScenario: readonly FaultRule[], key: string): CompleteFault[] {
    const before = this.#sessionsOfKey.get(key) ?? 0;
    if (this.#sessionsOfKey.size >= MAX_KEYS) this.#sessionsOfKey.clear();
    this.#sessionsOfKey.set(key, before + 1);
    return [...ofScenario, ...this.#rules].flatMap((rule) => {
      const struck = this.#struck.get(rule) ?? 0;
      const { probability = 1, times = Number.POSITIVE_INFINITY } = rule;
      const fault = completeFault(rule.fault);
      if (fault.kind === 'quota' && before < fault.sessions) return [];
      if (struck >= times || (probability < 1 && this.#random() >= probability)) return [];
      this.#struck.set(rule, struck + 1);
      return [fault];
    });
  }
}

/** Throws `invalid_message` for what is no list of rules. */
export function readFaultRules(value: unknown): FaultRule[] {
  if (!Array.isArray(value)) throw noRule('a list of rules is expected');
  return value.map((rule: unknown) => {
    if (typeof rule !== 'object' || rule === null || !('fault' in rule)) throw noRule('it has no fault');
    return {
      fault: readFault(rule.fault),
      ...('probability' in rule && { probability: readNumber('probability', rule.probability, 1) }),
      ...('times' in rule && { times: readNumber('times', rule.times, Number.MAX_SAFE_INTEGER) }),
    };
  });
}

function readNumber(name: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= max)) throw noRule(`'${name}' is not right`);
  return value;
}

function noRule(why: string): ParleyError {
  return new ParleyError('invalid_message', `This is no rule for faults: ${why}.`, {
    kind: 'invalid_argument',
  });
}
