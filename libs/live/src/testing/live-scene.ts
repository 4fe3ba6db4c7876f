import type { Event } from '@parley/event';
import { silentLog, type Clock } from '@parley/kernel';
import { settle } from '@parley-testing/kernel';
import type { BaseAgent } from '../agent/base-agent.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import type { LiveFact } from '../runner/live-observer.js';
import type { LiveLine } from '../runner/live-line.js';
import { LiveRequestQueue } from '../runner/live-request-queue.js';
import { parseRunConfig, type RunConfigInput } from '../runner/run-config.js';
import { Runner } from '../runner/runner.js';
import type { RunLiveRequest, RunnerOptions } from '../runner/runner-options.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { ScriptedLiveModel } from './scripted-live-model.js';

export const SCENE_KEY = { tenantId: 't', appName: 'app', userId: 'u', sessionId: 's' };

export interface LiveSceneOptions {
  readonly agent: BaseAgent;
  readonly runConfig?: RunConfigInput;
  readonly plugins?: readonly BasePlugin[];
  readonly sessions?: InMemorySessionService;
  readonly clock?: Clock;
  readonly model?: ScriptedLiveModel;
  readonly runner?: Partial<RunnerOptions>;
  readonly request?: Partial<RunLiveRequest>;
}

/** One run whose model says what the test tells it to, read to its end. */
export class LiveScene {
  readonly model: ScriptedLiveModel;
  readonly queue = new LiveRequestQueue();
  readonly events: Event[] = [];
  readonly facts: LiveFact[] = [];
  readonly abort = new AbortController();
  readonly sessions: InMemorySessionService;
  /** Resolves when the run is over; with what it threw, if it did. */
  readonly done: Promise<Error | undefined>;

  /** Names of the messages that are stored for good, as often as that was told. */
  readonly acks: string[] = [];
  #line: LiveLine | undefined;

  constructor(options: LiveSceneOptions) {
    const { agent, runConfig = {}, plugins = [], sessions, clock, model } = options;
    this.model = model ?? new ScriptedLiveModel();
    this.sessions = sessions ?? new InMemorySessionService();
    const runner = new Runner({
      agent,
      model: this.model,
      sessions: this.sessions,
      plugins,
      log: silentLog,
      ...(clock ? { clock } : {}),
      ...options.runner,
    });
    this.done = this.#read(
      runner.runLive({
        key: SCENE_KEY,
        liveId: 'live_1',
        queue: this.queue,
        runConfig: parseRunConfig(runConfig),
        signal: this.abort.signal,
        observer: (fact) => this.facts.push(fact),
        onReady: (_session, line) => (this.#line = line),
        onStored: (requestId) => this.acks.push(requestId),
        ...options.request,
      }),
    );
  }

  static async start(options: LiveSceneOptions): Promise<LiveScene> {
    const scene = new LiveScene(options);
    await settle();
    return scene;
  }

  get line(): LiveLine {
    if (!this.#line) throw new Error('the model is not ready');
    return this.#line;
  }

  async stored(): Promise<readonly Event[]> {
    return (await this.sessions.getSession(SCENE_KEY))?.events ?? [];
  }

  async end(): Promise<void> {
    this.queue.close();
    await this.done;
  }

  async #read(events: AsyncIterable<Event>): Promise<Error | undefined> {
    try {
      for await (const event of events) this.events.push(event);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
