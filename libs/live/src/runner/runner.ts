import type { Event } from '@parley/event';
import { newId as platformId, systemClock, type Clock, type IdFactory, type Log } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import { connectConfigOf } from '../flow/connect-config.js';
import { EventFactory } from '../flow/event-factory.js';
import { LiveFlow } from '../flow/live-flow.js';
import { ToolDispatch } from '../flow/tool-dispatch.js';
import type { LiveModel } from '../model/live-model.js';
import type { Session, SessionKey, SessionService } from '../session/session-service.js';
import { SessionWriter } from '../session/session-writer.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { LiveRequestQueue } from './live-request-queue.js';
import type { RunConfig } from './run-config.js';

export interface RunnerOptions {
  readonly agent: LlmAgent;
  readonly model: LiveModel;
  readonly sessions: SessionService;
  readonly toolJobs?: ToolJobs;
  readonly log: Log;
  readonly clock?: Clock;
  readonly newId?: IdFactory;
}

export interface RunLiveRequest {
  readonly key: SessionKey;
  /** One live run of the session. */
  readonly liveId: string;
  readonly queue: LiveRequestQueue;
  readonly runConfig: RunConfig;
  readonly signal?: AbortSignal;
  /** Called once the model has accepted the set-up, with the session as it was found. */
  readonly onReady?: (session: Session) => void;
}

/** ADK's Runner: runs one agent for any number of sessions. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #newId: IdFactory;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#newId = options.newId ?? platformId;
  }

  /**
   * Runs a live conversation and yields its events until the queue is closed, `signal` aborts, the model's
   * connection ends (then the last event has an `errorCode`), or the caller stops iterating. The session is found,
   * or created. Whatever ends it: tools are aborted, the connection is closed, and every durable event is stored
   * before the generator returns. Throws `ParleyError` when the session or the connection can not be opened.
   */
  async *runLive(request: RunLiveRequest): AsyncGenerator<Event, void, undefined> {
    const { agent, model, sessions, toolJobs, log } = this.#options;
    const { key, queue } = request;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    queue.attachRun(end);
    if (request.signal?.aborted) end();
    request.signal?.addEventListener('abort', end, { once: true });
    try {
      const session = (await sessions.getSession(key)) ?? (await sessions.createSession(key));
      const config = connectConfigOf(agent, session, request.runConfig, model.info);
      const connection = await model.connect(config, ended.signal);
      const writer = new SessionWriter(sessions, session, (error) => {
        log.error('a session could not be written', { liveId: request.liveId, error });
        end();
      });
      const flow = new LiveFlow({
        agentName: agent.name,
        connection,
        events: new EventFactory(
          this.#newId('e').replace('_', '-'),
          this.#clock,
          this.#newId,
          request.runConfig.customMetadata,
        ),
        writer,
        tools: new ToolDispatch(
          {
            ...key,
            agentName: agent.name,
            liveId: request.liveId,
            tools: agent.tools,
            state: () => writer.state,
          },
          this.#clock,
          toolJobs,
        ),
        newId: this.#newId,
      });
      const close = (): void => flow.close();
      ended.signal.addEventListener('abort', close, { once: true });
      if (ended.signal.aborted) close();
      try {
        flow.start();
        request.onReady?.(session);
        queue.resume((live) => flow.send(live));
        for await (const event of flow.events) {
          await writer.room();
          yield event;
        }
      } finally {
        queue.pause();
        flow.close();
        await flow.settled();
        await writer.flush();
      }
    } finally {
      request.signal?.removeEventListener('abort', end);
    }
  }
}
