import type { CancelTimer, Clock } from '@parley/kernel';
import { MODEL_BYTES_PER_MS, type ModelFrame } from './model-frame.js';

/** How far ahead of playback audio is let go: what an interruption can no longer recall. */
export const PACE_LEAD_MS = 1_000;
/** Audio held for one session at most; beyond it the oldest is dropped. 180 s of PCM16 at 24 kHz. */
export const MAX_HELD_BYTES = 8_640_000;

/**
 * Lets a turn's audio go at the speed at which it is played, `PACE_LEAD_MS` ahead: the model produces faster than
 * real time, and only what is still here can be taken back when the user interrupts.
 *
 * 1. Frames leave in the order they came; a frame leaves at once while less than the lead is out.
 * 2. Playback starts with the first frame of a turn and runs on without stalling.
 * 3. `purge(turn)` drops every held frame of that turn and earlier ones, and answers how much audio that was.
 * 4. `afterAudio(run)` runs `run` once everything held before it has left: what belongs behind the audio stays there.
 * 5. While paused no frame leaves, and none is lost.
 */
export class DownlinkPacer {
  #held: (ModelFrame | (() => void))[] = [];
  #head = 0;
  #heldBytes = 0;
  #droppedFrames = 0;
  /** Clock reading at which the audio let go so far will have been played. */
  #playedOutAtMs = 0;
  #timer: CancelTimer | undefined;
  #paused = false;
  readonly #clock: Clock;
  readonly #release: (frame: ModelFrame) => void;

  constructor(clock: Clock, release: (frame: ModelFrame) => void) {
    this.#clock = clock;
    this.#release = release;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get heldMs(): number {
    return this.#heldBytes / MODEL_BYTES_PER_MS;
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  push(frame: ModelFrame): void {
    if (this.#mayLeave() && this.#head === this.#held.length) return this.#letGo(frame);
    this.#held.push(frame);
    this.#heldBytes += frame.bytes.byteLength;
    while (this.#heldBytes > MAX_HELD_BYTES) this.#dropOldest();
    this.#arm();
  }

  afterAudio(run: () => void): void {
    if (this.#head === this.#held.length) return run();
    this.#held.push(run);
  }

  /** Nobody is there to hear, or nothing may leave. Idempotent. */
  pause(): void {
    this.#paused = true;
    this.#disarm();
  }

  /** Goes on, for a player that has `aheadMs` of audio still to play. */
  resume(aheadMs: number): void {
    this.#paused = false;
    this.#playedOutAtMs = this.#clock.monotonicMs() + aheadMs;
    this.#drain();
  }

  /** Milliseconds of audio dropped. What waits behind the audio (`afterAudio`) is run at once, in order. */
  purge(throughTurn: number): number {
    let droppedMs = 0;
    const kept: ModelFrame[] = [];
    const due: (() => void)[] = [];
    for (const entry of this.#held.slice(this.#head)) {
      if (typeof entry === 'function') due.push(entry);
      else if (entry.turn > throughTurn) kept.push(entry);
      else {
        droppedMs += entry.durationMs;
        this.#heldBytes -= entry.bytes.byteLength;
      }
    }
    this.#held = kept;
    this.#head = 0;
    this.#playedOutAtMs = this.#clock.monotonicMs();
    for (const run of due) run();
    this.#drain();
    return droppedMs;
  }

  /** Drops held audio; what waits behind it still leaves. Idempotent. */
  close(): void {
    this.purge(Number.POSITIVE_INFINITY);
    this.#disarm();
  }

  #leadMs(): number {
    return this.#playedOutAtMs - this.#clock.monotonicMs();
  }

  #letGo(frame: ModelFrame): void {
    this.#playedOutAtMs = Math.max(this.#playedOutAtMs, this.#clock.monotonicMs()) + frame.durationMs;
    this.#release(frame);
  }

  #mayLeave(): boolean {
    return !this.#paused && this.#leadMs() < PACE_LEAD_MS;
  }

  #drain(): void {
    this.#disarm();
    while (this.#head < this.#held.length) {
      const next = this.#held[this.#head];
      if (next === undefined) break;
      if (typeof next !== 'function' && !this.#mayLeave()) break;
      this.#head += 1;
      if (typeof next === 'function') next();
      else {
        this.#heldBytes -= next.bytes.byteLength;
        this.#letGo(next);
      }
    }
    if (this.#head === this.#held.length || this.#head > 256) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#paused || this.#timer || this.#head === this.#held.length) return;
    this.#timer = this.#clock.after(Math.max(1, this.#leadMs() - PACE_LEAD_MS), () => this.#drain());
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #dropOldest(): void {
    const at = this.#held.findIndex((entry, index) => index >= this.#head && typeof entry !== 'function');
    const [dropped] = this.#held.splice(at, 1);
    if (dropped === undefined || typeof dropped === 'function') return;
    this.#heldBytes -= dropped.bytes.byteLength;
    this.#droppedFrames += 1;
  }
}
