import { functionResponsesOf, type Content, type Event } from '@parley/event';
import { ParleyError, toParleyError } from '@parley/kernel';
import type { BaseAgent } from '../agent/base-agent.js';
import { callerOf } from '../flow/content-history.js';
import { EventFactory } from '../flow/event-factory.js';
import type { Llm } from '../model/llm.js';
import type { PluginInvocation } from '../plugin/base-plugin.js';
import type { Session, SessionKey } from '../session/session-service.js';
import { SessionStore } from '../session/session-store.js';
import { AsyncAgentRun } from './async-agent-run.js';
import { AsyncEvents } from './async-events.js';
import { LlmCallCount, type AsyncInvocation } from './async-invocation.js';
import { untilEnded } from './run-bounds.js';
import type { LiveObserver } from './live-observer.js';
import { RunCaps } from './run-caps.js';
import type { RunConfig, RunConfigInput } from './run-config.js';
import type { RunnerOptions, RunnerParts } from './runner-options.js';

export interface RunAsyncRequest {
  readonly key: SessionKey;
  /** What the user says now, or the answers to calls that a former run left open. */
  readonly newMessage: Content;
  readonly runConfig?: RunConfigInput;
  /** Changes of the session's state that come with the message. */
  readonly stateDelta?: Readonly<Record<string, unknown>>;
  /** Ends the run at once. */
  readonly signal?: AbortSignal;
  /** Default: a new one. */
  readonly invocationId?: string;
  readonly observer?: LiveObserver;
}

export interface AsyncRunParts
  extends
    Omit<RunnerOptions, keyof RunnerParts | 'agent' | 'model'>,
    Omit<RunAsyncRequest, 'runConfig'>,
    RunnerParts {
  readonly llm: Llm;
  readonly runConfig: RunConfig;
}

/**
 * One `runAsync` from start to end: the user's message into the session, the agents' events out of it.
 *
 * 1. The reader sets the pace: nothing is done until the next event is asked for.
 * 2. When the reader stops, the signal aborts or a cap is reached, everything stops at once.
 * 3. Whatever ends the run, `afterRun` is called once, after the last event is stored.
 */
export class AsyncRun {
  readonly #parts: AsyncRunParts;
  readonly #invocationId: string;
  readonly #ended = new AbortController();
  readonly #end = (): void => this.#ended.abort();
  #capReached: ParleyError | undefined;

  constructor(parts: AsyncRunParts) {
    this.#parts = parts;
    this.#invocationId = parts.invocationId ?? parts.newId('e').replace('_', '-');
  }

  async *events(): AsyncGenerator<Event, void, undefined> {
    const { signal, plugins, log } = this.#parts;
    let error: Error | undefined;
    if (signal?.aborted) this.#end();
    signal?.addEventListener('abort', this.#end, { once: true });
    try {
      const newMessage = checked(this.#parts.newMessage);
      error = yield* this.#told(await this.#session(), newMessage);
    } catch (thrown) {
      if (thrown === this.#ended.signal.reason) return;
      error = toParleyError(thrown);
      throw thrown;
    } finally {
      this.#end();
      signal?.removeEventListener('abort', this.#end);
      await plugins
        .afterRun({ invocation: this.#about(), ...(error ? { error } : {}) })
        .catch((failed: unknown) => log.error('a plugin failed after a run', { error: nameOf(failed) }));
    }
  }

  /** Returns what went wrong, where it was told as an event. */
  async *#told(
    session: Session,
    newMessage: Content,
  ): AsyncGenerator<Event, ParleyError | undefined, undefined> {
    const { clock } = this.#parts;
    const { idleTimeoutMs: _live, ...capped } = this.#parts.runConfig;
    const caps = new RunCaps(capped, clock, (reached) => {
      this.#capReached = reached;
      this.#end();
    });
    const store = this.#store(session);
    const events = this.#events(store);
    const earlier = new Set(session.events.map(({ id }) => id));
    try {
      const invocation = await this.#begin({ store, events, caps, earlier }, newMessage);
      return yield* this.#drive(invocation, session.events);
    } catch (thrown) {
      if (!this.#ended.signal.aborted) throw thrown;
      const reached = this.#capReached;
      if (!reached) return undefined;
      const { code, message } = reached;
      const errorDetails = { scope: 'turn', retryable: false } as const;
      yield await events.tell(this.#parts.tree.root.name, {
        errorCode: code,
        errorMessage: message,
        errorDetails,
      });
      return reached;
    } finally {
      caps.close();
      this.#end();
      await store.flush();
    }
  }

  async *#drive(
    invocation: AsyncInvocation,
    before: readonly Event[],
  ): AsyncGenerator<Event, ParleyError | undefined, undefined> {
    const { plugins, events, said } = invocation;
    const asked = plugins.ask('beforeRunCallback', { invocation: this.#about() });
    const instead = await untilEnded(invocation, asked);
    if (instead) {
      yield await events.tell('model', { content: instead });
      return undefined;
    }
    const outcome = yield* new AsyncAgentRun(invocation).run(this.#entry(before, said));
    return outcome.kind === 'failed' ? outcome.error : undefined;
  }

  /** The user's message is in the session before anyone is asked about it. */
  async #begin(
    made: Pick<AsyncInvocation, 'store' | 'events' | 'caps' | 'earlier'>,
    newMessage: Content,
  ): Promise<AsyncInvocation> {
    const {
      key,
      llm,
      memory,
      artifacts,
      toolJobs: jobs,
      plugins,
      stateDelta,
      observer,
      clock,
      runConfig,
    } = this.#parts;
    const asked = plugins.ask('onUserMessageCallback', {
      invocation: this.#about(),
      userMessage: newMessage,
    });
    const instead = await untilEnded({ clock, ended: this.#ended.signal }, asked);
    const content = instead ? checked(instead) : newMessage;
    const said = made.events.make('user', { content, ...(stateDelta ? { actions: { stateDelta } } : {}) });
    await made.events.keep(said);
    return {
      ...this.#parts,
      ...made,
      key,
      llm,
      memory,
      artifacts,
      jobs,
      said,
      llmCalls: new LlmCallCount(runConfig.maxLlmCalls),
      observe: observer ?? (() => undefined),
      ended: this.#ended.signal,
    };
  }

  /** An answer goes to the agent that asked; else the session's own rule holds. */
  #entry(before: readonly Event[], said: Event): BaseAgent {
    const { tree } = this.#parts;
    for (const response of functionResponsesOf(said)) {
      const caller = tree.find(callerOf(before, response) ?? '');
      if (caller) return caller;
    }
    return tree.agentToRun(before);
  }

  async #session(): Promise<Session> {
    const { sessions, key, runConfig, clock } = this.#parts;
    const { numRecentEvents, afterTimestamp } = runConfig.getSessionConfig ?? {};
    const loading = sessions.getSession(key, {
      ...(numRecentEvents === undefined ? {} : { numRecentEvents }),
      ...(afterTimestamp === undefined ? {} : { afterTimestamp }),
    });
    const found = await untilEnded({ clock, ended: this.#ended.signal }, loading);
    if (found) return found;
    throw new ParleyError('session_not_found', 'There is no such session.', { kind: 'not_found' });
  }

  #store(session: Session): SessionStore {
    const { sessions, log } = this.#parts;
    return new SessionStore({
      service: sessions,
      session,
      onFailure: (error) => {
        log.error('a session could not be written', { error: nameOf(error) });
        this.#end();
      },
    });
  }

  #events(store: SessionStore): AsyncEvents {
    const { clock, newId, runConfig, plugins, log } = this.#parts;
    const factory = new EventFactory(this.#invocationId, clock, newId, runConfig.customMetadata);
    return new AsyncEvents({ factory, store, plugins, about: this.#about(), log });
  }

  #about(): PluginInvocation {
    const { key, tree } = this.#parts;
    return { ...key, invocationId: this.#invocationId, agentName: tree.root.name };
  }
}

/** [src: adk-python runners.py `run_async`] */
function checked(message: Content): Content {
  const refuse = (why: string): never => {
    throw new ParleyError('invalid_message', why, { kind: 'invalid_argument' });
  };
  if (message.parts.length === 0) refuse('The message has no parts.');
  if (message.parts.some((part) => part.functionCall))
    refuse('A message of the user can not contain function calls.');
  return { ...message, role: 'user' };
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'unknown';
}
