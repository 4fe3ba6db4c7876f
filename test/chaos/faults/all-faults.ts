import { CLIENT_FAULTS } from './client-faults.js';
import type { Fault } from './fault.js';
import { MODEL_FAULTS } from './model-faults.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { REDIS_FAULTS } from './redis-faults.js';

export const ALL_FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...REDIS_FAULTS,
  ...NETWORK_FAULTS,
  ...CLIENT_FAULTS,
  ...MODEL_FAULTS,
];
