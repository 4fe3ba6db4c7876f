import { SLOW_CLIENT } from './client-scenarios.js';
import { PARTITIONS, REDIS_OUTAGE } from './network-scenarios.js';
import { GATEWAY_KILL, ROLLING_RESTART, STALLS, WORKER_KILL, WORKER_STOP } from './process-scenarios.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [
  WORKER_KILL,
  WORKER_STOP,
  GATEWAY_KILL,
  ROLLING_RESTART,
  REDIS_OUTAGE,
  STALLS,
  PARTITIONS,
  SLOW_CLIENT,
];

/** `seeds` is no stage of its own: many short runs of everything, each with the next seed. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.map(({ name }) => name), 'seeds'];
