import { groupsOf, holds } from './condition.js';
import type { Cue, ScenarioEvent } from './cue.js';
import { seededRandom } from '../server/seeded-random.js';
import type { Script } from './performance.js';
import type { Rule, Scenario } from './scenario.js';

export interface Fired {
  readonly rule: Rule;
  readonly script: Script;
}

/**
 * The rules of one session, and what they have to go by: how often each fired, the user's newest words and turn,
 * the newest answer of a tool. The first rule that holds is the one that fires.
 */
export class RuleBook {
  readonly #rules: readonly Rule[];
  readonly #random: () => number;
  readonly #fired = new Map<Rule, number>();
  #cue: Cue = { said: '', turn: 0, result: {}, match: {} };

  /** `random` decides by chance, unless the scenario has a seed of its own. */
  constructor({ rules, seed }: Pick<Scenario, 'rules' | 'seed'>, random: () => number) {
    this.#rules = rules;
    this.#random = seed === undefined ? random : seededRandom(seed);
  }

  get cue(): Cue {
    return this.#cue;
  }

  /** Takes note of what happened and answers what a script may quote from now on. */
  note(event: ScenarioEvent): Cue {
    if (event.kind === 'input') this.#cue = { ...this.#cue, said: event.said, turn: this.#cue.turn + 1 };
    if (event.kind === 'toolResult') this.#cue = { ...this.#cue, result: event.response };
    return this.#cue;
  }

  /** Takes the rule that reacts to the event, if one does, as a script to play. */
  fire(event: ScenarioEvent): Fired | undefined {
    const rule = this.#rules.find((each) => this.#fires(each, event));
    if (!rule) return undefined;
    this.#fired.set(rule, (this.#fired.get(rule) ?? 0) + 1);
    const cue = { ...this.#cue, match: groupsOf(rule.when, this.#cue) };
    return { rule, script: { steps: rule.do, pace: rule.pace, cue } };
  }

  #fires(rule: Rule, event: ScenarioEvent): boolean {
    const left = rule.times === undefined || (this.#fired.get(rule) ?? 0) < rule.times;
    if (!left || !holds(rule.when, event, this.#cue)) return false;
    return rule.chance === undefined || this.#random() < rule.chance;
  }
}
