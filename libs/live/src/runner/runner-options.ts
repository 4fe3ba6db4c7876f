import type { Clock, IdFactory, Log } from '@parley/kernel';
import type { AgentTree } from '../agent/agent-tree.js';
import type { BaseAgent } from '../agent/base-agent.js';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { MemoryService } from '../memory/memory-service.js';
import type { LiveModel } from '../model/live-model.js';
import type { Llm } from '../model/llm.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { Session, SessionKey, SessionService } from '../session/session-service.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { LiveLine } from './live-line.js';
import type { LiveObserver } from './live-observer.js';
import type { LiveRequestQueue } from './live-request-queue.js';
import type { ResumptionSeal } from './resumption-seal.js';
import type { RunConfigInput } from './run-config.js';

export interface RunnerOptions {
  readonly agent: BaseAgent;
  readonly model: LiveModel;
  /** For `runAsync`. */
  readonly llm?: Llm;
  readonly sessions: SessionService;
  readonly artifacts?: ArtifactService;
  readonly memory?: MemoryService;
  /** Asked before the agents' own callbacks, in this order. */
  readonly plugins?: readonly BasePlugin[];
  readonly toolJobs?: ToolJobs;
  /** Without it no resumption handle leaves the process. */
  readonly seal?: ResumptionSeal;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly newId?: IdFactory;
}

/** What a Runner makes of its options once, for all its runs. */
export interface RunnerParts {
  readonly tree: AgentTree;
  readonly plugins: PluginManager;
  readonly log: Log;
  readonly clock: Clock;
  readonly newId: IdFactory;
}

export interface RunLiveRequest {
  readonly key: SessionKey;
  /** One live run of the session; part of the ids of tool jobs. Default: a new one. */
  readonly liveId?: string;
  readonly queue: LiveRequestQueue;
  readonly runConfig?: RunConfigInput;
  readonly signal?: AbortSignal;
  /**
   * Called once the model has accepted the first set-up, with the session as it was found, and with what can be asked
   * of the run from outside.
   */
  readonly onReady?: (session: Session, line: LiveLine) => void;
  readonly observer?: LiveObserver;
}
