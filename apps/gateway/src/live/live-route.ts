import { newId, toParleyError, type CancelTimer, type ParleyError } from '@parley/kernel';
import type { Placement } from '@parley/placement';
import type { CloseOutcome, FrameChannel, LinkLoss } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import type { ClientGrant } from '@parley/tenancy';
import {
  decodeDownControl,
  DOWN_KIND,
  encodeRelayOpen,
  type ClientMessage,
  type DownControl,
  type MediaFrame,
  type Reception,
} from '@parley/wire';
import { z } from 'zod';
import { InputRing } from './input-ring.js';
import type { LiveRouteListener } from './live-route-listener.js';
import { isSame, OwnerSearch, type FoundOwner, type LostRun, type OwnerSearchParts } from './owner-search.js';
import type { ReceptionLog } from './reception-log.js';
import { refusals } from './refusals.js';
import { RunBreak } from './run-break.js';

/** How long a client stays connected to a gateway that looks for its run's owner. */
export const RECOVERY_DEADLINE_MS = 60_000;
/** What a link that fell silent may have swallowed before it was given up. */
const SILENT_LINK_MS = 3_250;
/** How soon what waits behind media in the channel is looked at again. */
const FEED_MS = 5;

export interface LiveRouteParts extends OwnerSearchParts {
  readonly metrics: Metrics;
}

export interface LiveRouteStart extends FoundOwner {
  readonly grant: ClientGrant;
  readonly liveId: string;
  /** Of the resume token that was shown; 0 with a client token. */
  readonly attach: number;
  readonly reception: ReceptionLog;
}

type State =
  | { readonly name: 'attached'; readonly channel: FrameChannel }
  | { readonly name: 'searching'; readonly abort: AbortController }
  | { readonly name: 'over' };

const placementJson = z.object({
  liveId: z.string(),
  workerId: z.string(),
  incarnation: z.string(),
  address: z.string(),
  epoch: z.number(),
});

/**
 * A client's way to its live run, whoever owns the run. While the owner is lost the client stays connected, what it says
 * waits in the input ring, and the next owner gets it in its order.
 *
 * 1. At most one channel is listened to; what comes on another one is nothing.
 * 2. A text that was taken is sent until it is acknowledged, to every owner; one that is not taken is refused.
 * 3. `onOver` comes once, unless the client's side ends the route first with `end` or `detach`.
 */
export class LiveRoute {
  readonly grant: ClientGrant;
  readonly liveId: string;
  readonly #parts: LiveRouteParts;
  readonly #ring = new InputRing();
  readonly #reception: ReceptionLog;
  readonly #ownIds = newId('').slice(-12);
  #texts = 0;
  #attach: number;
  #placement: Placement;
  #state: State;
  #listener: LiveRouteListener | undefined;
  #movedTo: Placement | undefined;
  #break: RunBreak | undefined;
  #heardMs: number;
  #speechLostMs = 0;
  #cancelFeed: CancelTimer | undefined;

  constructor(parts: LiveRouteParts, start: LiveRouteStart) {
    this.#parts = parts;
    this.grant = start.grant;
    this.liveId = start.liveId;
    this.#attach = start.attach;
    this.#placement = start.placement;
    this.#reception = start.reception;
    this.#heardMs = parts.clock.monotonicMs();
    this.#state = { name: 'attached', channel: start.channel };
  }

  /** Sets the listener, once. */
  listen(listener: LiveRouteListener): void {
    this.#listener = listener;
    if (this.#state.name === 'attached') this.#follow(this.#state.channel);
  }

  /** A `text` message. Throws `rate_limited` when too many wait for their acknowledgement. */
  text(message: Extract<ClientMessage, { type: 'text' }>): void {
    const id = message.id ?? `g-${(this.#texts += 1)}-${this.#ownIds}`;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...message, id }));
    if (!this.#ring.addText(id, bytes, this.#parts.clock.monotonicMs())) throw refusals.agentBehind();
    this.#feed();
  }

  /** Any other message than text and `playback`. `opens`: speech follows that is worth nothing without it. */
  signal(json: string, opens: boolean): void {
    const bytes = new TextEncoder().encode(json);
    if (!this.#ring.addSignal(bytes, opens, this.#parts.clock.monotonicMs())) throw refusals.agentBehind();
    this.#feed();
  }

  /** How far the client has played a turn; only the newest word on it matters. */
  playback(played: { readonly turn: number; readonly ms: number }, json: string): void {
    this.#reception.played({ turn: played.turn, ms: played.ms });
    this.#sendControl(new TextEncoder().encode(json));
  }

  media(frame: MediaFrame, bytes: Uint8Array, voiced: boolean): void {
    this.#speechLostMs += this.#ring.addMedia(frame, bytes, voiced, this.#parts.clock.monotonicMs());
    this.#feed();
  }

  /** In development: lets the worker of this run end as if it had crashed. False while it has none. */
  crashWorker(): boolean {
    return this.#sendControl(new TextEncoder().encode('{"type":"dev.crash"}'));
  }

  /** The client is done: so is its run. Idempotent. */
  end(): void {
    this.#leave('ended');
  }

  /** The client is out of reach: the run waits for it. Idempotent. */
  detach(): void {
    this.#leave('detached');
  }

  #leave(reason: 'ended' | 'detached'): void {
    const state = this.#state;
    this.#state = { name: 'over' };
    this.#cancelFeed?.();
    if (state.name === 'attached') state.channel.close(reason);
    if (state.name === 'searching') state.abort.abort();
  }

  #sendControl(bytes: Uint8Array): boolean {
    return this.#state.name === 'attached' && this.#state.channel.sendControl(bytes);
  }

  #feed(): void {
    if (this.#state.name !== 'attached' || this.#ring.feed(this.#state.channel)) return;
    this.#cancelFeed?.();
    this.#cancelFeed = this.#parts.clock.after(FEED_MS, () => this.#feed());
  }

  #follow(channel: FrameChannel): void {
    const current = (): boolean => this.#state.name === 'attached' && this.#state.channel === channel;
    channel.listen({
      onControl: (bytes) => {
        const control = decodeDownControl(bytes);
        if (control && current()) this.#onControl(control);
      },
      onMedia: (frame, turn) => {
        const { byteLength } = frame;
        if (!current()) return;
        this.#heardMs = this.#parts.clock.monotonicMs();
        this.#reception.audio(turn);
        this.#listener?.onMedia(frame, turn, () => channel.grantMedia(byteLength));
      },
      onMediaDropped: (frames, _bytes, why, before) => {
        if (current()) this.#ring.dropped(frames, before);
        this.#listener?.onMediaDropped(frames, why);
      },
      onClose: (outcome, loss) => {
        if (current()) this.#onClosed(outcome, loss);
      },
    });
  }

  #onControl(control: DownControl): void {
    this.#heardMs = this.#parts.clock.monotonicMs();
    switch (control.kind) {
      case DOWN_KIND.attached:
        this.#attach = control.turn;
        this.#listener?.onAttached(control.turn, this.#placement);
        return;
      case DOWN_KIND.settled:
        return this.#ring.settle(control.turn);
      case DOWN_KIND.moved:
        this.#movedTo = placementJson.safeParse(JSON.parse(control.json)).data;
        return;
      case DOWN_KIND.ack:
        this.#ring.acknowledge(control.id);
        if (control.id.endsWith(this.#ownIds)) return;
        break;
      case DOWN_KIND.ready:
      case DOWN_KIND.resumed:
        this.#break?.mended(this.#placement);
        this.#break = undefined;
        break;
      default:
        break;
    }
    this.#reception.control(control);
    if (control.kind === DOWN_KIND.ended || control.kind === DOWN_KIND.failed) this.#leave('ended');
    this.#listener?.onControl(control);
  }

  #onClosed(outcome: CloseOutcome, loss: LinkLoss | undefined): void {
    if (outcome === 'superseded') return this.#over(refusals.superseded());
    const { clock, log } = this.#parts;
    const nowMs = clock.monotonicMs();
    const movedTo = outcome === 'moved' ? this.#movedTo : undefined;
    this.#movedTo = undefined;
    this.#break ??= new RunBreak(outcome === 'moved' ? 'drain' : 'worker', this.#placement, this.#parts);
    log.info('a run lost its owner', {
      liveId: this.liveId,
      outcome,
      loss,
      worker: this.#placement.workerId,
    });
    const lostOwner = this.#placement;
    const sinceMs = loss === 'silent' ? Math.max(this.#heardMs, nowMs - SILENT_LINK_MS) : nowMs;
    const first =
      movedTo !== undefined || outcome === 'link_lost' || outcome === 'slow_consumer' ? 'dial' : 'find';
    const abort = new AbortController();
    this.#state = { name: 'searching', abort };
    new OwnerSearch(this.#parts, this.#lostRun(movedTo ?? lostOwner, first, abort.signal)).found().then(
      (found) => this.#goOn(found, isSame(found.placement, lostOwner) ? sinceMs : undefined),
      (thrown: unknown) => {
        if (!abort.signal.aborted) this.#gaveUp(toParleyError(thrown));
      },
    );
  }

  #lostRun(placement: Placement, first: LostRun['first'], signal: AbortSignal): LostRun {
    const { grant, liveId } = this;
    const attach = this.#attach;
    return {
      grant,
      liveId,
      placement,
      first,
      attach,
      signal,
      deadlineMs: RECOVERY_DEADLINE_MS,
      opening: () =>
        encodeRelayOpen({
          ...grant,
          liveId,
          ...(attach === 0 ? {} : { after: attach }),
          ...(this.#reception.isEmpty ? {} : { reception: this.#received() }),
        }),
    };
  }

  #received(): Reception {
    return this.#reception.tell({
      cause: this.#break?.cause ?? 'worker',
      goneMs: this.#break?.goneMs ?? 0,
      speechFollows: this.#ring.hasVoice,
    });
  }

  #goOn(found: FoundOwner, sinceMs: number | undefined): void {
    this.#placement = found.placement;
    this.#state = { name: 'attached', channel: found.channel };
    this.#follow(found.channel);
    const speechMs = this.#ring.replay(sinceMs);
    this.#feed();
    this.#parts.metrics.count('live_replayed_input_seconds_total', {}, speechMs / 1_000);
    if (this.#speechLostMs >= 1) this.#listener?.onSpeechLost(Math.round(this.#speechLostMs));
    this.#speechLostMs = 0;
  }

  #gaveUp(error: ParleyError): void {
    const ended = error.code === 'session_not_found';
    this.#break?.givenUp(ended ? 'ended' : 'lost');
    if (ended) return this.#over();
    // someone holds a newer attach than this gateway
    this.#over(error.code === 'unauthenticated' ? refusals.superseded() : error);
  }

  #over(error?: ParleyError): void {
    this.#state = { name: 'over' };
    this.#listener?.onOver(error);
  }
}
