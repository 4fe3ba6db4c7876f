import { silentLog, type Log } from '@parley/kernel';
import type { FoundRun, MoveResult, Placement } from '@parley/placement';
import { RelayOpenError, type FrameChannel, type OpenFailure, type OpenOptions } from '@parley/relay';
import { Metrics } from '@parley/telemetry';
import type { ResumeGrant } from '@parley/tenancy';
import {
  decodeRelayOpen,
  encodeDownControl,
  encodeFrame,
  FRAME_CODEC,
  FRAME_KIND,
  type DownControl,
  type MediaFrame,
  type RelayOpen,
} from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import type { CallOpenerParts } from '../call-opener.js';

export const GRANT = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', runConfig: {} };

/** 40 ms of loud microphone. */
export const MIC: MediaFrame = {
  kind: FRAME_KIND.mic,
  codec: FRAME_CODEC.pcm16at16k,
  flags: 0,
  turn: 0,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(1_280).fill(60),
};

export function placement(worker: string, epoch: number): Placement {
  return { liveId: 'live_1', workerId: worker, incarnation: `inc_${worker}`, address: `${worker}:1`, epoch };
}

/** Both ends of a channel that a worker accepted, with what came up on it. */
export interface Attachment {
  readonly open: OpenOptions;
  readonly payload: RelayOpen;
  readonly pair: ChannelPair;
  /** In the order of arrival: JSON, or the length of a media frame. */
  readonly up: (string | number)[];
  down(control: Pick<DownControl, 'kind'> & Partial<DownControl>, json?: object): void;
  audio(turn: number): void;
}

/** How the worker at an address answers an open: it takes it, or what the open fails of. */
export type Answer =
  | 'accept'
  | OpenFailure
  | { readonly refuse: 'unauthenticated' | 'draining' | 'invalid_config' | 'session_not_found' };

type Answers<T> = () => Promise<T>;

/**
 * A gateway's surroundings, all in one place: workers that answer as they are told, a directory that says what it is
 * told, and a clock that stands still. `calls` writes down what was asked, in order.
 */
export class GatewayRig {
  readonly clock = new ManualClock();
  readonly metrics = new Metrics(
    [
      'live_protocol_errors_total',
      'live_interruption_stale_frames_total',
      'live_first_audio_seconds',
      'live_interruptions_total',
      'live_failovers_total',
      'live_failover_gap_seconds',
      'live_resumes_total',
      'live_replayed_input_seconds_total',
      'live_dropped_frames_total',
      'live_session_starts_total',
      'live_placement_seconds',
      'live_auth_failures_total',
    ],
    { defaults: false },
  );
  readonly log: Log = silentLog;
  readonly calls: string[] = [];
  readonly attachments: Attachment[] = [];
  readonly answers = new Map<string, Answer>();
  onFind: Answers<FoundRun | undefined> = async () => undefined;
  onPlace: Answers<{ readonly kind: 'placed' | 'existing' } & Placement> = async () => ({
    kind: 'placed',
    ...placement('w1', 1),
  });
  onMove: Answers<MoveResult> = async () => ({ kind: 'full' });

  /** The newest attachment. */
  get worker(): Attachment {
    const newest = this.attachments.at(-1);
    if (!newest) throw new Error('No worker has been opened.');
    return newest;
  }

  get parts(): CallOpenerParts {
    return {
      clock: this.clock,
      log: this.log,
      metrics: this.metrics,
      relay: { open: (options) => this.#open(options) },
      directory: { find: () => this.#asked('find', this.onFind) },
      registry: {
        declareDead: async (workerId, _incarnation, { certain }) => {
          this.calls.push(`declareDead ${workerId}${certain ? ' certain' : ''}`);
          return 'dead';
        },
        requestMove: async (workerId) => void this.calls.push(`requestMove ${workerId}`),
      },
      placer: {
        place: () => this.#asked('place', this.onPlace),
        move: () => this.#asked('move', this.onMove),
      },
      tokens: {
        issue: async () => 'good',
        verify: async () => GRANT,
      },
      resumeTokens: {
        seal: async (resume) => JSON.stringify(resume),
        open: async (token) => JSON.parse(token) as ResumeGrant,
      },
    };
  }

  async text(name: string): Promise<string> {
    const { body } = await this.metrics.expose();
    return body
      .split('\n')
      .filter((line) => line.startsWith(name))
      .join('\n');
  }

  async #asked<T>(call: string, answer: Answers<T>): Promise<T> {
    this.calls.push(call);
    return await answer();
  }

  async #open(open: OpenOptions): Promise<FrameChannel> {
    this.calls.push(`dial ${open.workerId}`);
    const answer = this.answers.get(open.workerId) ?? 'accept';
    if (answer !== 'accept') throw openError(answer);
    const pair = channelPair({ clock: this.clock, epoch: open.epoch });
    const up: (string | number)[] = [];
    pair.worker.listen({
      onControl: (bytes) => up.push(new TextDecoder().decode(bytes)),
      onMedia: (frame) => up.push(frame.byteLength),
      onClose: () => undefined,
    });
    this.attachments.push({
      open,
      payload: decodeRelayOpen(open.payload),
      pair,
      up,
      down: (control, json) => {
        pair.worker.sendControl(
          encodeDownControl({ ...control, json: json === undefined ? '' : JSON.stringify(json) }),
        );
      },
      audio: (turn) => {
        const model = { ...MIC, kind: FRAME_KIND.model, codec: FRAME_CODEC.pcm16at24k, turn };
        pair.worker.sendMedia(encodeFrame(model), turn);
      },
    });
    return pair.gateway;
  }
}

function openError(answer: Exclude<Answer, 'accept'>): RelayOpenError {
  return typeof answer === 'string'
    ? new RelayOpenError(answer, { code: 'worker_lost', message: 'The worker could not be reached.' })
    : new RelayOpenError('refused', { code: answer.refuse, message: 'No.' });
}
