import { silentLog } from '@parley/kernel';
import {
  InMemorySessionService,
  LlmAgent,
  type LiveConnection,
  type LiveConnectConfig,
  type SessionService,
} from '@parley/live';
import {
  InMemoryPlacement,
  InMemoryRunJournal,
  MAX_CANDIDATES,
  SESSION_COST,
  sessionScope,
  type Placement,
} from '@parley/placement';
import type { CloseOutcome } from '@parley/relay';
import { METRICS, Metrics, type MetricName } from '@parley/telemetry';
import {
  decodeDownControl,
  decodeFrame,
  DOWN_KIND,
  encodeFrame,
  encodeRelayOpen,
  FRAME_CODEC,
  FRAME_KIND,
  type DownControl,
  type Reception,
  type RelayOpenInput,
} from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { ScriptedLiveModel } from '@parley-testing/live';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import { AesResumptionSeal } from '../models/aes-resumption-seal.js';
import { SessionHost } from '../sessions/session-host.js';

export const SESSION = { tenantId: 't', appName: 'greeter', userId: 'u', sessionId: 's' };
const WINDOW_MS = 120_000;
const FOREVER_MS = 1e9;

/** What a gateway's end of a channel was given. */
export class GatewayEnd {
  readonly pair: ChannelPair;
  readonly controls: DownControl[] = [];
  /** `turn.seq` of each audio frame, and the type of each message, in the order of arrival. */
  readonly heard: string[] = [];
  outcome: CloseOutcome | undefined;

  constructor(pair: ChannelPair) {
    this.pair = pair;
    pair.gateway.listen({
      onControl: (bytes) => {
        const control = decodeDownControl(bytes);
        if (!control) throw new Error('unreadable');
        this.controls.push(control);
        this.heard.push(nameOf(control));
      },
      onMedia: (bytes) => {
        const frame = decodeFrame(bytes);
        this.heard.push(typeof frame === 'string' ? frame : `${frame.turn}.${frame.seq}`);
        pair.gateway.grantMedia(bytes.byteLength);
      },
      onClose: (outcome) => (this.outcome = outcome),
    });
  }

  get seqs(): number[] {
    return this.controls.flatMap(({ seq }) => (seq > 0 ? [seq] : []));
  }

  get audio(): string[] {
    return this.heard.filter((each) => /^\d+\.\d+$/.test(each));
  }

  /** The parsed messages of that type. */
  told(type: string): Record<string, unknown>[] {
    return this.controls
      .filter(({ json }) => json !== '')
      .map(({ json }) => JSON.parse(json) as Record<string, unknown>)
      .filter((message) => message['type'] === type);
  }

  of(kind: number): DownControl[] {
    return this.controls.filter((control) => control.kind === kind);
  }

  get attach(): number {
    return this.of(DOWN_KIND.attached).at(-1)?.turn ?? 0;
  }

  send(message: unknown): void {
    this.pair.gateway.sendControl(new TextEncoder().encode(JSON.stringify(message)));
  }

  speak(ms: number): void {
    const payload = new Uint8Array(ms * 32);
    const head = { kind: FRAME_KIND.mic, codec: FRAME_CODEC.pcm16at16k, flags: 0, turn: 0, seq: 0, tsMs: 0 };
    this.pair.gateway.sendMedia(encodeFrame({ ...head, payload }), 0);
  }
}

/** Has itself told what was said, as real ones do, where it takes no handle. */
class AttentiveModel extends ScriptedLiveModel {
  override async connect(config: LiveConnectConfig): Promise<LiveConnection> {
    if (!this.takesHandles || config.sessionResumption?.handle === undefined) config.history?.();
    return super.connect(config);
  }
}

export interface FleetWorker {
  readonly workerId: string;
  readonly host: SessionHost;
  readonly model: ScriptedLiveModel;
  crashed: number;
}

/** Workers that share what a cell shares: the directory, the journal, the sessions. */
export class Fleet {
  readonly clock = new ManualClock();
  readonly placement = new InMemoryPlacement(this.clock);
  readonly journal = new InMemoryRunJournal(this.clock);
  readonly metrics = new Metrics(Object.keys(METRICS) as MetricName[], { defaults: false });
  readonly sessions: SessionService = new InMemorySessionService();
  readonly #workers: string[] = [];

  async worker(workerId: string, { capacity = 10_000 } = {}): Promise<FleetWorker> {
    const { clock, placement, journal, sessions, metrics } = this;
    const model = new AttentiveModel();
    this.#workers.push(workerId);
    const registration = { workerId, incarnation: `${workerId}-1`, address: `${workerId}:1`, capacity };
    await placement.register({ ...registration, leaseMs: FOREVER_MS });
    const candidates = (): string[] => this.#workers.filter((id) => id !== workerId).slice(0, MAX_CANDIDATES);
    const worker: { crashed: number } = { crashed: 0 };
    const host = new SessionHost({
      workerId,
      agents: new Map([['greeter', new LlmAgent({ name: 'greeter', instruction: 'Greet.' })]]),
      model,
      sessions,
      seal: new AesResumptionSeal('a secret of at least thirty-two characters'),
      toolJobs: {
        run: () => Promise.reject(new Error('none')),
        cancel: async () => undefined,
        close: async () => undefined,
      },
      directory: placement,
      journal,
      move: (liveId, epoch) => placement.move({ liveId, epoch, candidates: candidates() }),
      detachWindowMs: WINDOW_MS,
      drainMs: 20_000,
      mayLeave: () => true,
      onCrash: () => (worker.crashed += 1),
      metrics,
      clock,
      log: silentLog,
    });
    return Object.assign(worker, { workerId, host, model });
  }

  /** A grant for the run on that worker. */
  async place(workerId: string, liveId = 'live_1'): Promise<Placement> {
    const placed = await this.placement.place({
      liveId,
      scope: sessionScope(SESSION),
      tenantId: SESSION.tenantId,
      cost: SESSION_COST,
      candidates: [workerId],
    });
    if (placed.kind === 'full' || placed.kind === 'ended') throw new Error(placed.kind);
    return placed;
  }

  /** The worker is gone, and everybody knows. */
  async lose({ workerId }: FleetWorker): Promise<void> {
    this.#workers.splice(this.#workers.indexOf(workerId), 1);
    await this.placement.declareDead(workerId, `${workerId}-1`, { certain: true });
  }

  /** What a gateway does with a grant. */
  async open(
    worker: FleetWorker,
    { epoch, liveId }: Placement,
    how: Partial<RelayOpenInput> = {},
  ): Promise<GatewayEnd> {
    const pair = channelPair({ clock: this.clock, liveId, epoch });
    const end = new GatewayEnd(pair);
    await worker.host.open(pair.worker, encodeRelayOpen({ ...SESSION, liveId, runConfig: {}, ...how }));
    await this.clock.advance(5);
    return end;
  }

  /** The value of a metric, all labels together. */
  async metric(name: MetricName): Promise<number> {
    const { body } = await this.metrics.expose();
    return body
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

/** What a gateway says that a client has had. */
export function had(given: Partial<Reception>): Reception {
  const nothing = { seq: 0, seen: [], turn: 0, turnOpen: false, speechFollows: false, goneMs: 0 };
  return { cause: 'client', ...nothing, ...given };
}

/** So much speech of the model. */
export function voice(ms: number): { readonly parts: { readonly inlineData: Voice }[] } {
  return { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(ms * 48) } }] };
}

interface Voice {
  readonly mimeType: string;
  readonly data: Uint8Array;
}

function nameOf({ kind, json }: DownControl): string {
  const [name = ''] = Object.entries(DOWN_KIND).find(([, value]) => value === kind) ?? [];
  return kind === DOWN_KIND.message ? (/"type":"(\w+)"/.exec(json)?.[1] ?? name) : name;
}
