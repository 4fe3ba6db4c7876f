import bargeIn from '../../scenarios/barge-in.scenario.json' with { type: 'json' };
import flaky from '../../scenarios/flaky.scenario.json' with { type: 'json' };
import longStory from '../../scenarios/long-story.scenario.json' with { type: 'json' };
import silence from '../../scenarios/silence.scenario.json' with { type: 'json' };
import slowTools from '../../scenarios/slow-tools.scenario.json' with { type: 'json' };
import weatherTool from '../../scenarios/weather-tool.scenario.json' with { type: 'json' };
import type { Scenarios } from './scenario-plan.js';

/** Read and checked like anyone's scenarios, when an emulator starts. */
const LIBRARY: Readonly<Record<string, unknown>> = {
  'barge-in': bargeIn,
  flaky,
  'long-story': longStory,
  silence,
  'slow-tools': slowTools,
  'weather-tool': weatherTool,
};

/** What every emulator has. */
export const BUILT_IN_SCENARIOS: Scenarios = {
  default: {},
  permissive: { profile: 'permissive' },
  load: { load: true },
  /** Played message by message, by a test that takes the session over. */
  scripted: { exact: true, rules: [] },
  bare: { exact: true, setupComplete: 'manual', rules: [] },
  ...(LIBRARY as Scenarios),
};
