import type { Event } from '@parley/event';
import type { CancelTimer, Clock } from '@parley/kernel';
import type { FrameChannel } from '@parley/relay';
import { encodeDownControl, type DownControl } from '@parley/wire';
import { DownlinkPacer } from './downlink-pacer.js';
import { EventDownlink, type NumbersFrom } from './event-downlink.js';
import type { ModelFrame } from './model-frame.js';
import { ReplayRing, type Had, type Sent } from './replay-ring.js';

/** What is sent, without what most of it has not. */
export type DownMessage = Pick<DownControl, 'kind' | 'json'> & Partial<DownControl>;

/** A channel takes 256 messages of 512 KiB and 96 KiB of audio at once; so much of a backlog is sent at a time. */
const BATCH = { messages: 64, bytes: 131_072, audioBytes: 48_000 };
const NEXT_BATCH_MS = 10;
/** Audio that was missed and could not be sent again for so long is of no use any more. */
const STALE_AUDIO_MS = 3_000;

type Outgoing =
  | { readonly kind: 'control'; readonly bytes: Uint8Array }
  | { readonly kind: 'audio'; readonly frame: ModelFrame; readonly untilMs: number };

/**
 * The way down to the client of a run, which may be away: what is numbered is remembered, what has not left waits.
 *
 * 1. Events of the run become numbered messages and audio, whether or not anybody is there. Without a channel audio
 *    waits, in the pacer; messages go to the memory.
 * 2. What a client missed leaves before anything newer, in portions that a channel can take.
 * 3. While held nothing leaves; what would have left does at `release`, in order, unless the channel was taken away.
 */
export class Downlink {
  readonly #clock: Clock;
  readonly #look: () => boolean;
  readonly #ring: ReplayRing;
  readonly #pacer: DownlinkPacer;
  readonly #events: EventDownlink;
  #channel: FrameChannel | undefined;
  #backlog: Outgoing[] = [];
  /** How long the audio plays that was sent again. */
  #aheadMs = 0;
  #cancelBatch: CancelTimer | undefined;
  #held = false;

  /** `look`: whether anything may leave at all; it is asked before each send. */
  constructor(clock: Clock, from: NumbersFrom, look: () => boolean) {
    this.#clock = clock;
    this.#look = look;
    this.#ring = new ReplayRing(from.seq);
    this.#pacer = new DownlinkPacer(clock, (frame) => {
      this.#ring.audio(frame);
      this.#out(this.#audio(frame));
    });
    this.#pacer.pause();
    const sink = {
      message: (seq: number, bytes: Uint8Array): void => {
        this.#ring.message(seq, bytes);
        this.#out({ kind: 'control', bytes });
      },
      purgeMedia: (throughTurn: number): void => this.#purge(throughTurn),
    };
    this.#events = new EventDownlink(this.#pacer, sink, from);
  }

  get droppedFrames(): number {
    return this.#pacer.droppedFrames;
  }

  /** Something has not been sent to the client, though it is there. */
  get busy(): boolean {
    if (!this.#channel) return false;
    return this.#backlog.length > 0 || this.#pacer.heldBytes > 0 || this.#channel.queuedMediaBytes > 0;
  }

  /** How long the audio that is held back for its time takes to be played. */
  get heldMs(): number {
    return this.#pacer.heldMs;
  }

  /** From now on what leaves goes to `channel`. Audio waits until `replay`. */
  attach(channel: FrameChannel): void {
    this.detach();
    this.#channel = channel;
  }

  detach(): void {
    this.#pacer.pause();
    this.#channel = undefined;
    this.#backlog = [];
    this.#aheadMs = 0;
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
  }

  deliver(event: Event): void {
    this.#events.deliver(event);
  }

  /** What is stored and was never sent by this owner. */
  tellStored(events: readonly Event[], turn: number): void {
    for (const event of events) this.#events.replay(event, turn);
  }

  /** A message without a number, for whoever is there now. */
  say(message: DownMessage): void {
    this.#out({ kind: 'control', bytes: encodeDownControl(message) });
  }

  /** What has been sent and is not among what was had; `recovered`: nothing numbered is missing in it. */
  since(had: Had): { readonly recovered: boolean; readonly sent: readonly Sent[] } {
    return this.#ring.since(had);
  }

  /** Sends again what was missed, and then lets audio go. */
  replay(sent: readonly Sent[]): void {
    for (const each of sent) {
      this.#backlog.push(
        each.kind === 'audio' ? this.#audio(each.frame) : { kind: 'control', bytes: each.bytes },
      );
    }
    this.#sendBatch();
  }

  hold(): void {
    this.#held = true;
    this.#pacer.pause();
  }

  release(): void {
    this.#held = false;
    this.#sendBatch();
  }

  /** Drops held audio; words that wait behind it, or in the backlog, still leave. */
  close(): void {
    this.#purge(Number.POSITIVE_INFINITY);
    this.#pacer.close();
    this.#cancelBatch?.();
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const each of backlog) this.#send(each);
  }

  #audio(frame: ModelFrame): Outgoing {
    return { kind: 'audio', frame, untilMs: this.#clock.monotonicMs() + STALE_AUDIO_MS };
  }

  #out(outgoing: Outgoing): void {
    if (!this.#channel) return;
    if (!this.#look()) this.hold();
    if (this.#held || this.#backlog.length > 0) this.#backlog.push(outgoing);
    else this.#send(outgoing);
  }

  #send(outgoing: Outgoing): void {
    if (outgoing.kind === 'control') this.#channel?.sendControl(outgoing.bytes);
    else this.#channel?.sendMedia(outgoing.frame.bytes, outgoing.frame.turn);
  }

  #sendBatch(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
    if (!this.#channel || this.#held) return;
    let { messages, bytes } = BATCH;
    while (messages > 0 && bytes > 0) {
      const next = this.#backlog[0];
      if (!next) return this.#caughtUp();
      if (next.kind === 'audio' && this.#channel.queuedMediaBytes > BATCH.audioBytes) {
        if (this.#clock.monotonicMs() < next.untilMs) break;
      } else {
        this.#send(next);
        if (next.kind === 'audio') this.#aheadMs += next.frame.durationMs;
        else {
          messages -= 1;
          bytes -= next.bytes.byteLength;
        }
      }
      this.#backlog.shift();
    }
    this.#cancelBatch = this.#clock.after(NEXT_BATCH_MS, () => this.#sendBatch());
  }

  /** Whoever was away hears on, behind what he was just sent. */
  #caughtUp(): void {
    const aheadMs = this.#aheadMs;
    this.#aheadMs = 0;
    this.#pacer.resume(aheadMs);
  }

  /** Nothing has to wait before it is dropped. */
  #purge(throughTurn: number): void {
    this.#ring.interrupted(throughTurn);
    this.#channel?.purgeMedia(throughTurn);
    this.#backlog = this.#backlog.filter((each) => each.kind === 'control' || each.frame.turn > throughTurn);
  }
}
