import { pcm16DurationMs } from '@parley/audio';
import { eventFromJson, functionCallsOf, functionResponsesOf, isDurable, type Event } from '@parley/event';
import type { Clock } from '@parley/kernel';
import {
  decodeFrame,
  FRAME_CODEC,
  FRAME_FLAG_LAST,
  FRAME_KIND,
  type EventMessage,
  type ResumedMessage,
  type ResumeRequest,
} from '@parley/wire';
import { CaptionMerger } from './caption-merger.js';
import type { Emitter } from './emitter.js';
import { FirstAudioStopwatch } from './first-audio.js';
import type { LiveEvents, LiveStats } from './live-events.js';
import { Reception } from './reception.js';
import { SpeakingTracker } from './speaking-state.js';
import { TurnGate } from './turn-gate.js';

const SAMPLE_RATES: ReadonlyMap<number, number> = new Map([
  [FRAME_CODEC.pcm16at16k, 16_000],
  [FRAME_CODEC.pcm16at24k, 24_000],
]);

type DownlinkCounts = Pick<
  LiveStats,
  'lateFrames' | 'mutedFrames' | 'duplicateFrames' | 'missingFrames' | 'missingEvents'
> & { readonly unreadable: number };

/**
 * What comes down during a call, over all of its lines: events and audio frames in, typed client events out.
 *
 * 1. An interruption is told before anything else about its event, and closes the gate for its turn's audio.
 * 2. Events come out in the order of their `seq` and frames in that of turn and `seq`; what came before is ignored.
 */
export class Downlink {
  readonly speaking: SpeakingTracker;
  readonly #stopwatch = new FirstAudioStopwatch();
  readonly #emitter: Emitter<LiveEvents>;
  readonly #clock: Clock;
  readonly #gate = new TurnGate();
  readonly #captions = new CaptionMerger();
  readonly #reception = new Reception();
  #turn = 0;
  #unreadable = 0;

  constructor(emitter: Emitter<LiveEvents>, clock: Clock) {
    this.#emitter = emitter;
    this.#clock = clock;
    this.speaking = new SpeakingTracker(clock, (state) => emitter.emit('speaking', state));
  }

  get counts(): DownlinkCounts {
    return {
      lateFrames: this.#gate.lateFrames,
      mutedFrames: this.#gate.mutedFrames,
      ...this.#reception.counts,
      unreadable: this.#unreadable,
    };
  }

  frame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    const sampleRate = typeof frame === 'string' ? undefined : SAMPLE_RATES.get(frame.codec);
    if (typeof frame === 'string' || frame.kind !== FRAME_KIND.model || !sampleRate) {
      this.#unreadable += 1;
      return;
    }
    const { turn, seq, tsMs, payload, flags } = frame;
    if (!this.#gate.admits(turn)) return;
    const durationMs = pcm16DurationMs(payload.byteLength, sampleRate);
    if (!this.#reception.frame(turn, seq, tsMs + durationMs)) return;
    if (payload.byteLength > 0) {
      const first = this.#stopwatch.audioAt(this.#clock.monotonicMs(), turn);
      if (first) this.#emitter.emit('firstAudio', first);
      this.speaking.agentAudio(durationMs);
    }
    const last = (flags & FRAME_FLAG_LAST) !== 0;
    this.#emitter.emit('audio', { turn, seq, tsMs, pcm: payload, sampleRate, last });
  }

  event(message: EventMessage): void {
    const { seq, turn } = message;
    if (!this.#reception.event(seq)) return;
    let event: Event;
    try {
      event = eventFromJson(message.event);
    } catch {
      this.#unreadable += 1;
      return;
    }
    if (isDurable(event)) this.#reception.stored(event.id);
    this.#turn = Math.max(this.#turn, turn);
    this.#reception.turnTold(turn, event.interrupted === true || event.turnComplete === true);
    if (event.interrupted === true) this.#interrupt(turn);
    this.#emitter.emit('event', { seq, turn, event });
    this.#tell(event, turn);
  }

  resumed(resumed: ResumedMessage): void {
    if (!resumed.recovered) this.#reception.announceHole();
    const { cause, mode, recovered, gapMs } = resumed;
    this.#emitter.emit('resumed', { cause, mode, recovered, gapMs });
  }

  /** The caller's player says how far a turn was heard. */
  played(turn: number, ms: number): void {
    this.#reception.played(turn, ms);
  }

  /** What the server must know to go on from here. */
  received(): Omit<ResumeRequest, 'token'> {
    return this.#reception.resumeRequest(this.speaking.agentAudioLeftMs);
  }

  typed(text: string): void {
    this.#stopwatch.inputAt(this.#clock.monotonicMs(), 'text');
    this.#emitter.emit('caption', this.#captions.typed(text, this.#turn));
    this.speaking.agentWorks();
  }

  /** The microphone picks up speech; `agoMs`: how long ago its last sound was. */
  spoken(agoMs: number): void {
    this.#stopwatch.inputAt(this.#clock.monotonicMs() - agoMs, 'speech');
    if (agoMs === 0) this.speaking.userAudible();
  }

  /** Silences the turn that is being heard, if one is, until the server has stopped it. */
  mute(): void {
    const { audioTurn } = this.#reception;
    if (this.speaking.agentAudioLeftMs === 0 || !this.#gate.mute(audioTurn)) return;
    this.#emitter.emit('interrupted', { turn: audioTurn, origin: 'local' });
    this.speaking.agentStopped();
  }

  #interrupt(turn: number): void {
    if (!this.#gate.interrupt(turn)) return;
    this.#emitter.emit('interrupted', { turn, origin: 'server' });
    this.speaking.agentStopped();
  }

  #tell(event: Event, turn: number): void {
    for (const caption of this.#captions.read(event, turn)) {
      if (caption.speaker === 'user') this.speaking.userTranscribed(caption.final);
      this.#emitter.emit('caption', caption);
    }
    for (const call of functionCallsOf(event)) {
      const longRunning = event.longRunningToolIds?.includes(call.id) ?? false;
      this.#emitter.emit('toolCall', { turn, call, longRunning });
      this.speaking.agentWorks();
    }
    for (const response of functionResponsesOf(event)) {
      this.#emitter.emit('toolResponse', { turn, response });
    }
    const cancelled = event.cancelledToolCallIds ?? [];
    if (cancelled.length > 0) this.#emitter.emit('toolCancelled', { turn, ids: cancelled });
    if (event.turnComplete === true) {
      this.speaking.turnComplete();
      this.#emitter.emit('turnComplete', { turn });
    }
  }
}
