import type { Content } from '@parley/event';
import type { Clock, IdFactory, Log } from '@parley/kernel';
import type { AgentTree } from '../agent/agent-tree.js';
import { CallbackContext } from '../agent/callback-context.js';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { EventFactory } from '../flow/event-factory.js';
import type { HeardMarks } from '../flow/heard-marks.js';
import type { MemoryService } from '../memory/memory-service.js';
import type { LiveModel } from '../model/live-model.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { SessionKey } from '../session/session-service.js';
import type { SessionStore } from '../session/session-store.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { EventStream } from './event-stream.js';
import type { LiveBlobRecorder } from './live-blob-recorder.js';
import type { LiveLine } from './live-line.js';
import type { LiveObserver } from './live-observer.js';
import type { LiveRequestQueue } from './live-request-queue.js';
import type { RequestLedger } from './request-ledger.js';
import type { ResumptionSeal } from './resumption-seal.js';
import type { RunCaps } from './run-caps.js';
import type { RunConfig } from './run-config.js';

/** ADK's InvocationContext: what all agents of one `runLive` share. One invocation spans all turns and all agents. */
export interface Invocation {
  readonly liveId: string;
  readonly key: SessionKey;
  readonly runConfig: RunConfig;
  readonly tree: AgentTree;
  readonly model: LiveModel;
  readonly plugins: PluginManager;
  readonly artifacts: ArtifactService | undefined;
  readonly memory: MemoryService | undefined;
  readonly jobs: ToolJobs | undefined;
  readonly seal: ResumptionSeal | undefined;
  readonly queue: LiveRequestQueue;
  readonly events: EventFactory;
  readonly stream: EventStream;
  readonly store: SessionStore;
  readonly caps: RunCaps;
  /** Present when `saveLiveBlob` is on. */
  readonly blobs: LiveBlobRecorder | undefined;
  readonly heardMarks: HeardMarks;
  readonly observe: LiveObserver;
  /** Aborts when the run has to end: the queue is closed, the caller gave up, a cap was reached. */
  readonly ended: AbortSignal;
  /** Typed messages that a guardrail is looking at; a closing queue waits for them. */
  readonly inputUnderWay: Set<Promise<void>>;
  readonly clock: Clock;
  readonly newId: IdFactory;
  readonly log: Log;
  readonly requests: RequestLedger;
  /** Ids of calls whose outcome was lost with another process: they have been answered, and are not again. */
  readonly lostCallIds: ReadonlySet<string>;
  /** The run ends here only, and will go on in another process. */
  readonly goesOnElsewhere: () => boolean;
  /** Who is on the line now. */
  readonly line: LiveLine;
  /** The model has accepted the first set-up. */
  readonly ready: () => void;
}

export function callbackContext(
  { events, key, store, ended, artifacts, memory }: Invocation,
  agentName: string,
  userContent?: Content,
): CallbackContext {
  return new CallbackContext({
    invocationId: events.invocationId,
    agentName,
    key,
    state: store.state,
    signal: ended,
    artifacts,
    memory,
    ...(userContent ? { userContent } : {}),
  });
}
