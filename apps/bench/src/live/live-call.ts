import type { RunningEmulator, ScriptedSession } from '@parley/emulator';
import type { Event } from '@parley/event';
import { GeminiLiveModel } from '@parley/gemini';
import { silentLog } from '@parley/kernel';
import {
  InMemorySessionService,
  LiveRequestQueue,
  parseRunConfig,
  Runner,
  type BaseAgent,
} from '@parley/live';

const DEADLINE_MS = 15_000;

/** One run over the real SDK against the emulator, whose model says what the measurement tells it to. */
export class LiveCall {
  readonly events: Event[] = [];
  readonly abort = new AbortController();
  readonly done: Promise<void>;
  #waiting: { readonly wanted: (event: Event) => boolean; readonly seen: (atMs: number) => void }[] = [];

  private constructor(
    readonly model: ScriptedSession,
    reading: (call: LiveCall) => Promise<void>,
  ) {
    this.done = reading(this);
  }

  static async open(emulator: RunningEmulator, agent: BaseAgent): Promise<LiveCall> {
    const runner = new Runner({
      agent,
      model: new GeminiLiveModel({
        provider: { kind: 'emulated', baseUrl: `${emulator.url}/s/bare` },
      }),
      sessions: new InMemorySessionService(),
      log: silentLog,
    });
    const abort = new AbortController();
    const run = runner.runLive({
      key: { tenantId: 't', appName: 'bench', userId: 'u', sessionId: 's' },
      liveId: 'live_bench',
      queue: new LiveRequestQueue(),
      runConfig: parseRunConfig({}),
      signal: abort.signal,
    });
    const first = run.next();
    const model = await acceptSetup(emulator, 0);
    const call = new LiveCall(model, async (self) => {
      for (let step = await first; !step.done; step = await run.next()) self.#tell(step.value);
    });
    call.abort.signal.addEventListener('abort', () => abort.abort(), { once: true });
    return call;
  }

  /** Resolves with the time (monotonic milliseconds) at which a matching event comes out from now on. */
  next(wanted: (event: Event) => boolean): Promise<number> {
    return withDeadline(new Promise((seen) => this.#waiting.push({ wanted, seen })));
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.done;
  }

  #tell(event: Event): void {
    const atMs = performance.now();
    this.#waiting = this.#waiting.filter(({ wanted, seen }) => {
      if (!wanted(event)) return true;
      seen(atMs);
      return false;
    });
  }
}

/** The next connection to the model; its set-up is answered after `afterMs`. */
export async function acceptSetup(emulator: RunningEmulator, afterMs: number): Promise<ScriptedSession> {
  const session = await emulator.scripts.next({ deadlineMs: DEADLINE_MS });
  if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
  session.send({ setupComplete: {} });
  return session;
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('What was waited for did not come.')), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
