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
  /**
   * The epoch of whoever runs it: events are not stored any more once a higher one has raised the session's fence, and
   * the run ends.
   */
  readonly fence?: number;
  readonly queue: LiveRequestQueue;
  readonly runConfig?: RunConfigInput;
  readonly signal?: AbortSignal;
  /**
   * Called once the model has accepted the first set-up, with the session as it was found, and with what can be asked
   * of the run from outside.
   */
  readonly onReady?: (session: Session, line: LiveLine) => void;
  readonly observer?: LiveObserver;
  /** As it was read a moment ago, so that it need not be read again: its newest 1,000 events suffice. */
  readonly session?: Session;
  /** The run was under way in another process, and goes on here. */
  readonly continuation?: Continuation;
  /** A message that was sent with an `id` is stored for good; also told for one that had been stored before. */
  readonly onStored?: (requestId: string) => void;
}

/**
 * Where a live run goes on after the process that had it was lost, or gave it away. What was said is in the session.
 *
 * 1. Events are numbered on from `seq`, turns from `turn`.
 * 2. A turn that was open is told to be interrupted. Calls without an answer get one, an error that says that their
 *    outcome is not known (I5).
 * 3. What the user typed without being answered is answered now; what he said, too, unless `speechFollows`.
 * 4. The handle of the RunConfig is a hint: a newer one that the run stored is taken instead, and none when the agent
 *    said or did something since that the model would not know of. Then the model is told the history.
 */
export interface Continuation {
  /** The last number of an event that was told. */
  readonly seq: number;
  /** The highest turn of which something was told; 0 for none. */
  readonly turn: number;
  readonly turnOpen: boolean;
  readonly speechFollows: boolean;
  /** Whose handle the RunConfig names, where that is known: it is of no use to any other agent. */
  readonly handleAgent?: string;
  /** When the run began, milliseconds since the epoch: its longest duration counts from there. */
  readonly startedAtMs?: number;
}
