import type { Event } from '@parley/event';
import { GeminiLiveModel, type GeminiLiveModelOptions } from '@parley/gemini';
import { silentLog, type ParleyError } from '@parley/kernel';
import {
  InMemorySessionService,
  LiveRequestQueue,
  LlmAgent,
  parseRunConfig,
  Runner,
  type BaseTool,
  type LiveConnection,
  type LiveFact,
  type LiveModel,
} from '@parley/live';

export interface ModelLineOptions extends Partial<Omit<GeminiLiveModelOptions, 'provider'>> {
  /** Of the emulator, with the scenario's prefix if need be. */
  readonly baseUrl: string;
  readonly tools?: readonly BaseTool[];
  readonly runConfig?: unknown;
  /** Ends the run; it may outlive it. Default: one of its own, which `close` aborts. */
  readonly signal?: AbortSignal;
}

let lines = 0;

/**
 * A live run in this process, over the real SDK and a real socket: what its client would be told, and an end for the
 * test to speak into. `close` ends it.
 */
export class ModelLine {
  readonly events: Event[] = [];
  readonly facts: LiveFact[] = [];
  readonly queue = new LiveRequestQueue();
  readonly gemini: GeminiLiveModel;
  /** Of the run's only agent; undefined until the model has accepted the first set-up. */
  connection: Awaited<ReturnType<GeminiLiveModel['connect']>> | undefined;
  ready = false;
  ended = false;
  /** What the run threw: a first connection that failed. */
  failure: ParleyError | undefined;
  readonly #abort = new AbortController();
  readonly #over: Promise<void>;

  constructor({ baseUrl, tools = [], runConfig = {}, signal, ...options }: ModelLineOptions) {
    this.gemini = new GeminiLiveModel({ provider: { kind: 'emulated', baseUrl }, ...options });
    const model: LiveModel = {
      info: this.gemini.info,
      capabilitiesOf: (name) => this.gemini.capabilitiesOf(name),
      connect: async (config, signal): Promise<LiveConnection> =>
        (this.connection = await this.gemini.connect(config, signal)),
    };
    const agent = new LlmAgent({ name: 'greeter', instruction: 'Be kind.', tools });
    const { clock } = options;
    const runner = new Runner({
      agent,
      model,
      sessions: new InMemorySessionService(),
      log: silentLog,
      ...(clock ? { clock } : {}),
    });
    this.#over = this.#read(runner, runConfig, signal ?? this.#abort.signal);
  }

  type(text: string): void {
    this.queue.sendContent({ parts: [{ text }] });
  }

  /** The client hangs up. What the model still has to be told may hold up the end. */
  hangUp(): void {
    this.queue.close();
  }

  /** Ends the run, and resolves when it is over. */
  async close(): Promise<void> {
    this.hangUp();
    this.#abort.abort();
    await this.#over;
  }

  async #read(runner: Runner, runConfig: unknown, signal: AbortSignal): Promise<void> {
    const sessionId = `line-${(lines += 1)}`;
    try {
      const events = runner.runLive({
        key: { tenantId: 'tenant', appName: 'greeter', userId: 'alice', sessionId },
        liveId: `live_${sessionId}`,
        queue: this.queue,
        runConfig: parseRunConfig(runConfig),
        signal,
        observer: (fact) => this.facts.push(fact),
        onReady: () => (this.ready = true),
      });
      for await (const event of events) this.events.push(event);
    } catch (thrown) {
      this.failure = thrown as ParleyError;
    } finally {
      this.ended = true;
    }
  }
}
