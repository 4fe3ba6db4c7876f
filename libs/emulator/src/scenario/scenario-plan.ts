import type { Behaviour } from '../session/behaviour.js';
import { readScenario, type Scenario, type ScenarioInput } from './scenario.js';

/** What a connection that names a scenario gets. */
export interface ScenarioPlan {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Undefined where the scenario only changes the behaviour. */
  readonly script: Scenario | undefined;
}

/** Scenarios by their names: such as change the behaviour only, and such as have rules. */
export type Scenarios = Readonly<Record<string, Partial<Behaviour> | ScenarioInput>>;

const BURST: Partial<Behaviour> = {
  thinkMs: 0,
  thinkJitterMs: 0,
  speed: Number.POSITIVE_INFINITY,
  turnEnds: 'immediate',
};

/** Throws `invalid_config` when a scenario is not valid. */
export function planScenarios(scenarios: Scenarios, common: Behaviour): ReadonlyMap<string, ScenarioPlan> {
  return new Map(
    Object.entries(scenarios).map(([name, scenario]) => [name, planScenario(name, scenario, common)]),
  );
}

function planScenario(name: string, scenario: Scenarios[string], common: Behaviour): ScenarioPlan {
  if (!('rules' in scenario)) {
    return { name, behaviour: { ...common, ...scenario }, script: undefined };
  }
  const script = readScenario(name, scenario);
  const behaviour = {
    ...common,
    load: false,
    ...(script.exact && { profile: 'permissive' as const }),
    ...(script.pace === 'burst' && BURST),
    ...script.behaviour,
  };
  return { name, behaviour, script };
}

/** The scenario that a system instruction asks for by `emu:name`. */
export function markedScenario(instruction: string): string | undefined {
  return /(?:^|\s)emu:([\w-]+)/.exec(instruction)?.[1];
}
