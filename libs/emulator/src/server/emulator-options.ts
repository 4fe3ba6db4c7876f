import type { RequestListener } from 'node:http';
import type { Clock, Log } from '@parley/kernel';
import type { SpeechEngine } from '@parley/speech';
import type { FrameStyle } from '../codec/server-message.js';
import type { FaultRule } from '../fault/fault-plan.js';
import { BUILT_IN_SCENARIOS } from '../scenario/built-in-scenarios.js';
import { readScenarioFolder } from '../scenario/scenario-folder.js';
import { planScenarios, type ScenarioPlan, type Scenarios } from '../scenario/scenario-plan.js';
import { DEFAULT_BEHAVIOUR, type Behaviour } from '../session/behaviour.js';
import type { ResumptionStore } from '../session/resumption-store.js';

export interface EmulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly speech?: SpeechMode;
  /** Default pretty-printed binary as Google's; compact text in cheap mode. */
  readonly frames?: FrameStyle;
  /** How sessions of every scenario behave. */
  readonly behaviour?: Partial<Behaviour>;
  /**
   * What scenarios change about that, or what their rules say; a connection names one by the path prefix
   * `/s/{name}`, the header `x-emu-scenario` or `emu:{name}` in its system instruction. Unknown names are refused.
   */
  readonly scenarios?: Scenarios;
  /** More of them: `{name}.scenario.json` in this folder. */
  readonly scenarioFolder?: string;
  /** Version v1 has no live services and no ephemeral tokens, as Google's was seen to; default false. */
  readonly strictV1?: boolean;
  /** Answers plain HTTP requests that are not for the API; without it they get 404. */
  readonly onRequest?: RequestListener;
  readonly resumption?: {
    /** Default: in memory. */
    readonly store?: ResumptionStore;
    /** Signs handles; needed where several emulators share a store. Default: random. */
    readonly secret?: string;
    /** How long a handle is good; default two hours. */
    readonly ttlMs?: number;
  };
  /** What goes wrong in sessions of any scenario, besides what their scenarios say. */
  readonly faults?: readonly FaultRule[];
  /** Opens the control API under `/__emu/` to whoever has it. */
  readonly controlSecret?: string;
  readonly clock?: Clock;
  /** Makes what is left to chance repeatable; default 1. */
  readonly seed?: number;
  readonly log?: Log;
  /** How many messages of each session are kept for tests to look at; default 500, 0 keeps none. */
  readonly eventsPerSession?: number;
}

/**
 * `real` hears and speaks by a speech engine, which stays the caller's to close; `synthetic` needs no package;
 * `cheap` makes every session a load session.
 */
export type SpeechMode =
  | { readonly mode: 'real'; readonly engine: SpeechEngine }
  | { readonly mode: 'synthetic' }
  | { readonly mode: 'cheap' };

/** With real speech the time to think is spent on understanding and synthesis. */
const REAL_BEHAVIOUR: Partial<Behaviour> = { thinkMs: 0, thinkJitterMs: 0, silenceDurationMs: 450 };

/** What each scenario is; throws `invalid_config` when one is not valid. */
export function scenariosOf(options: EmulatorOptions): ReadonlyMap<string, ScenarioPlan> {
  const mode = options.speech?.mode ?? 'synthetic';
  const common: Behaviour = {
    ...DEFAULT_BEHAVIOUR,
    ...(mode === 'real' && REAL_BEHAVIOUR),
    ...(mode === 'cheap' && { load: true }),
    ...options.behaviour,
  };
  const ofFolder = options.scenarioFolder === undefined ? {} : readScenarioFolder(options.scenarioFolder);
  return planScenarios({ ...BUILT_IN_SCENARIOS, ...ofFolder, ...options.scenarios }, common);
}
