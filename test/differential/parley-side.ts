import { eventToJson } from '@parley/event';
import { GeminiLiveModel } from '@parley/gemini';
import { silentLog } from '@parley/kernel';
import {
  InMemorySessionService,
  liveRequestFromJson,
  LiveRequestQueue,
  parseRunConfig,
  Runner,
  type ResumptionSeal,
  type SessionKey,
} from '@parley/live';
import type { Conversation } from './conversation.js';
import { buildAgent } from './parley-agents.js';
import type { Json, Run, Side, StartOptions, UserRequest } from './side.js';

/** Readable, so that it can be told from the handle itself. */
const SEAL = {
  seal: (handle: string) => `sealed(${handle})`,
  open: (token: string) => /^sealed\((.*)\)$/.exec(token)?.[1],
} satisfies ResumptionSeal;

/** Our runtime, in this process. */
export class ParleySide implements Side {
  readonly name = 'parley';
  readonly #sessions = new InMemorySessionService();

  async start(conversation: Conversation, options: StartOptions): Promise<Run> {
    return new ParleyRun(this.#sessions, conversation, options);
  }
}

class ParleyRun implements Run {
  readonly events: Json[] = [];
  readonly remarks: string[] = [];
  ended: { readonly threw?: string } | undefined;
  readonly #sessions: InMemorySessionService;
  readonly #key: SessionKey;
  readonly #queue = new LiveRequestQueue();
  readonly #abort = new AbortController();
  #release: () => void = () => undefined;

  constructor(sessions: InMemorySessionService, conversation: Conversation, options: StartOptions) {
    this.#sessions = sessions;
    this.#key = {
      tenantId: 'tenant',
      appName: 'differential',
      userId: 'user',
      sessionId: options.sessionId,
    };
    void this.#follow(conversation, options.baseUrl);
  }

  send(request: UserRequest): void {
    try {
      const live = liveRequestFromJson(request);
      if (live.kind === 'close') this.#queue.close();
      else this.#queue.send(live);
    } catch {
      this.remarks.push('refused');
    }
  }

  release(): void {
    this.#release();
  }

  closeQueue(): void {
    this.#queue.close();
  }

  abort(): void {
    this.#abort.abort();
  }

  abandon(): void {
    this.#abort.abort();
  }

  async stored(): Promise<readonly Json[]> {
    const session = await this.#sessions.getSession(this.#key);
    return (session?.events ?? []).map(eventToJson);
  }

  async #follow({ agent, runConfig = {}, resumeWith }: Conversation, baseUrl: string): Promise<void> {
    const released = new Promise<void>((resolve) => (this.#release = resolve));
    try {
      const runner = new Runner({
        agent: buildAgent(agent, { running: 0, released }),
        model: new GeminiLiveModel({ provider: { kind: 'emulated', baseUrl } }),
        sessions: this.#sessions,
        seal: SEAL,
        log: silentLog,
      });
      const events = runner.runLive({
        key: this.#key,
        liveId: `live-${this.#key.sessionId}`,
        queue: this.#queue,
        runConfig: parseRunConfig({
          ...runConfig,
          ...(resumeWith === undefined ? {} : { sessionResumption: { handle: SEAL.seal(resumeWith) } }),
        }),
        signal: this.#abort.signal,
      });
      for await (const event of events) this.events.push(eventToJson(event));
      this.ended = {};
    } catch (error) {
      this.ended = { threw: error instanceof Error ? error.message : String(error) };
    }
  }
}
