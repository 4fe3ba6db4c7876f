import type { Event } from '@parley/event';
import { ParleyError, type Clock, type IdFactory, type Log } from '@parley/kernel';
import type { AgentTree } from '../agent/agent-tree.js';
import { CallbackContext } from '../agent/callback-context.js';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { MemoryService } from '../memory/memory-service.js';
import type { Llm } from '../model/llm.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { SessionKey } from '../session/session-service.js';
import type { SessionStore } from '../session/session-store.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { AsyncEvents } from './async-events.js';
import type { LiveObserver } from './live-observer.js';
import type { RunCaps } from './run-caps.js';
import type { RunConfig } from './run-config.js';

/** What all agents of one `runAsync` share: one message of the user, and everything that is done about it. */
export interface AsyncInvocation {
  readonly key: SessionKey;
  readonly runConfig: RunConfig;
  readonly tree: AgentTree;
  readonly llm: Llm;
  readonly plugins: PluginManager;
  readonly artifacts: ArtifactService | undefined;
  readonly memory: MemoryService | undefined;
  readonly jobs: ToolJobs | undefined;
  readonly events: AsyncEvents;
  readonly store: SessionStore;
  readonly caps: RunCaps;
  readonly llmCalls: LlmCallCount;
  readonly observe: LiveObserver;
  /** What the user said, whole: the session may have kept less of it (no media). */
  readonly said: Event;
  /** Ids of what had been stored before. */
  readonly earlier: ReadonlySet<string>;
  /** Aborts when the run has to end: the caller gave up, a cap was reached, the store failed. */
  readonly ended: AbortSignal;
  readonly clock: Clock;
  readonly newId: IdFactory;
  readonly log: Log;
}

export function asyncCallbackContext(invocation: AsyncInvocation, agentName: string): CallbackContext {
  const { events, key, store, ended, artifacts, memory, said } = invocation;
  return new CallbackContext({
    invocationId: events.invocationId,
    agentName,
    key,
    state: store.state,
    signal: ended,
    artifacts,
    memory,
    ...(said.content ? { userContent: said.content } : {}),
  });
}

/** Model calls of one run. [src: adk-python invocation_context.py `increment_llm_call_count`] */
export class LlmCallCount {
  readonly #max: number;
  #made = 0;

  /** @param max 0 and less: no limit. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Throws `ParleyError` `max_turns` for the call that is one too many. */
  count(): void {
    this.#made += 1;
    if (this.#max <= 0 || this.#made <= this.#max) return;
    throw new ParleyError('max_turns', `The run reached its ${this.#max} calls of the model (maxLlmCalls).`, {
      kind: 'resource_exhausted',
    });
  }
}
