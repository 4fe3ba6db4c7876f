import { decodeClientMessage } from '../codec/client-message.js';
import { CLOSE_REASONS, reasonOfBadMessage, type CloseReason } from '../session/close-reason.js';
import { CYCLE_STEPS, TALK_STEPS, type LoadFrames, type ReadyFrame } from './load-frames.js';
import type { LoadWheel } from './load-wheel.js';

export interface LoadSessionOptions {
  readonly frames: LoadFrames;
  readonly wheel: LoadWheel;
  readonly random: () => number;
  readonly send: (frame: ReadyFrame) => void;
  readonly hangUp: (reason: CloseReason) => void;
}

const AUDIO_FRAME = /^\{"realtime_?[Ii]nput":\{"audio"/;
const HEAD_BYTES = 32;

/**
 * A session that costs next to nothing: from its setup on it talks for five seconds and is silent for five, over
 * and over, beginning at a random point. Audio that comes in is looked at no further than its first bytes; text
 * makes it talk from the start, interrupting itself, as does a tool response.
 */
export class LoadSession {
  readonly #options: LoadSessionOptions;
  #leave: (() => void) | undefined;
  #captions = false;
  #closed = false;
  #step = 0;

  constructor(options: LoadSessionOptions) {
    this.#options = options;
  }

  onFrame(frame: Buffer): void {
    if (this.#closed) return;
    if (this.#leave && AUDIO_FRAME.test(frame.toString('latin1', 0, HEAD_BYTES))) return;
    try {
      this.#accept(frame.toString());
    } catch (thrown) {
      this.hangUp(reasonOfBadMessage(thrown));
    }
  }

  hangUp(reason: CloseReason): void {
    if (this.#closed) return;
    this.close();
    this.#options.hangUp(reason);
  }

  close(): void {
    this.#closed = true;
    this.#leave?.();
  }

  /** Served by the wheel every 100 ms. */
  step(): void {
    const { frames, send } = this.#options;
    const step = this.#step;
    this.#step = (step + 1) % CYCLE_STEPS;
    if (step > TALK_STEPS) return;
    if (step === TALK_STEPS) {
      send(frames.turnComplete);
      return;
    }
    const audio = frames.audio[step];
    if (audio) send(audio);
    const caption = this.#captions && step % 10 === 0 ? frames.captions[step / 10] : undefined;
    if (caption) send(caption);
    if (step === TALK_STEPS - 1) send(frames.generationComplete);
  }

  #accept(text: string): void {
    const message = decodeClientMessage(text);
    const { frames, wheel, random, send } = this.#options;
    if (!this.#leave) {
      if (message.kind !== 'setup') return this.hangUp(CLOSE_REASONS.setupExpected);
      this.#captions = message.setup.outputTranscription;
      this.#step = Math.floor(random() * CYCLE_STEPS);
      send(frames.setupComplete);
      this.#leave = wheel.join(this);
      return;
    }
    if (message.kind === 'setup') return this.hangUp(CLOSE_REASONS.setupExpected);
    const speaks = message.kind !== 'realtimeInput' || message.text !== undefined;
    if (!speaks) return;
    if (this.#step > 0 && this.#step <= TALK_STEPS) {
      send(frames.interrupted);
      send(frames.turnComplete);
    }
    this.#step = 0;
  }
}
