import type { RequestListener } from 'node:http';
import type { Clock, Log } from '@parley/kernel';
import type { SpeechEngine } from '@parley/speech';
import type { FrameStyle } from '../codec/server-message.js';
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
  /** What scenarios change about that; reached by the path prefix `/s/{name}`, unknown names answer 404. */
  readonly scenarios?: Readonly<Record<string, Partial<Behaviour>>>;
  /** Answers plain HTTP requests; without it they get 404. */
  readonly onRequest?: RequestListener;
  /** Default: in memory, for two hours. */
  readonly resumption?: ResumptionStore;
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

const BUILT_IN_SCENARIOS: Readonly<Record<string, Partial<Behaviour>>> = {
  default: {},
  permissive: { profile: 'permissive' },
  load: { load: true },
};

/** The behaviour of each scenario. */
export function scenariosOf(options: EmulatorOptions): ReadonlyMap<string, Behaviour> {
  const mode = options.speech?.mode ?? 'synthetic';
  const common: Behaviour = {
    ...DEFAULT_BEHAVIOUR,
    ...(mode === 'real' && REAL_BEHAVIOUR),
    ...(mode === 'cheap' && { load: true }),
    ...options.behaviour,
  };
  const changes = Object.entries({ ...BUILT_IN_SCENARIOS, ...options.scenarios });
  return new Map(changes.map(([name, change]) => [name, { ...common, ...change }]));
}
