import { ParleyError, type Clock, type Log } from '@parley/kernel';
import {
  parseRunConfig,
  Runner,
  type AgentCatalog,
  type ArtifactService,
  type LiveModel,
  type ResumptionSeal,
  type RunConfig,
  type SessionService,
  type ToolJobs,
} from '@parley/live';

export interface AgentRunnersOptions {
  readonly agents: AgentCatalog;
  readonly model: LiveModel;
  readonly sessions: SessionService;
  /** Without it calls that save what is said are refused. */
  readonly artifacts?: ArtifactService;
  readonly seal: ResumptionSeal;
  readonly toolJobs: ToolJobs;
  readonly clock: Clock;
  readonly log: Log;
}

/** One runner for each agent that this worker has, made when it is first asked for. */
export class AgentRunners {
  readonly #options: AgentRunnersOptions;
  readonly #runners = new Map<string, Runner>();

  constructor(options: AgentRunnersOptions) {
    this.#options = options;
  }

  /** Throws `ParleyError` `agent_not_found`. */
  runnerOf(appName: string): Runner {
    const known = this.#runners.get(appName);
    if (known) return known;
    const { agents, model, sessions, artifacts, seal, toolJobs, log, clock } = this.#options;
    const agent = agents.get(appName);
    if (!agent) {
      throw new ParleyError('agent_not_found', `There is no agent "${appName}".`, { kind: 'not_found' });
    }
    const files = artifacts ? { artifacts } : {};
    const runner = new Runner({ agent, model, sessions, ...files, seal, toolJobs, log, clock });
    this.#runners.set(appName, runner);
    return runner;
  }

  /** Throws `ParleyError` `invalid_config` for what can not be had here. */
  runConfigOf(given: unknown): RunConfig {
    const runConfig = parseRunConfig(given);
    if (runConfig.saveLiveBlob && !this.#options.artifacts) {
      throw new ParleyError(
        'invalid_config',
        'saveLiveBlob needs a place for files: PARLEY_ARTIFACTS_DIR is not set on the workers.',
        { kind: 'failed_precondition' },
      );
    }
    return runConfig;
  }
}
