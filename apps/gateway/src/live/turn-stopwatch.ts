import type { Clock } from '@parley/kernel';

export type Trigger = 'speech' | 'text' | 'tool';

/** A pause this long between voiced frames ends a stretch of speech. */
const SPEECH_GAP_MS = 400;

export interface FirstAudio {
  readonly trigger: Trigger;
  readonly waitedMs: number;
}

export interface InterruptionStop {
  readonly source: 'speech' | 'client' | 'text';
  readonly stoppedMs: number;
}

/**
 * Measures what a caller feels, on this gateway's clock alone: from the end of an input to the first audio of the
 * turn that answers it, and from the start of a barge-in to the last audio of the turn that it stopped.
 *
 * 1. The end of speech is the arrival of the last voiced frame before the answer.
 * 2. Each turn is measured once; a turn that no input asked for is not measured.
 */
export class TurnStopwatch {
  readonly #clock: Clock;
  #trigger: { readonly kind: Trigger; readonly atMs: number } | undefined;
  #speechStartMs = 0;
  #lastVoicedMs = Number.NEGATIVE_INFINITY;
  #interrupt: { readonly source: 'client' | 'text'; readonly atMs: number } | undefined;
  #measuredTurn = 0;
  #lastFrameMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  voicedFrame(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastVoicedMs > SPEECH_GAP_MS) this.#speechStartMs = nowMs;
    this.#lastVoicedMs = nowMs;
    this.#trigger = { kind: 'speech', atMs: nowMs };
  }

  textMessage(): void {
    const atMs = this.#clock.monotonicMs();
    this.#trigger = { kind: 'text', atMs };
    this.#interrupt = { source: 'text', atMs };
  }

  interruptMessage(): void {
    this.#interrupt = { source: 'client', atMs: this.#clock.monotonicMs() };
  }

  /** Does not replace an input that still waits for its answer: that is what the caller feels. */
  toolResult(): void {
    this.#trigger ??= { kind: 'tool', atMs: this.#clock.monotonicMs() };
  }

  /** Call for every audio frame that is written; answers once per turn, with its first. */
  audioFrame(turn: number): FirstAudio | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#lastFrameMs = nowMs;
    if (turn <= this.#measuredTurn) return undefined;
    this.#measuredTurn = turn;
    const trigger = this.#trigger;
    this.#trigger = undefined;
    // what asked for this turn is not what interrupts it
    this.#interrupt = undefined;
    return trigger && { trigger: trigger.kind, waitedMs: nowMs - trigger.atMs };
  }

  /** Call when a turn is over: a cough during it asks for nothing, unless it is still being coughed. */
  turnComplete(): void {
    const quiet = this.#clock.monotonicMs() - this.#lastVoicedMs > SPEECH_GAP_MS;
    if (quiet && this.#trigger?.kind === 'speech') this.#trigger = undefined;
    this.#lastFrameMs = undefined;
  }

  /** Call when a turn was interrupted; undefined when none of its audio had been written. */
  interrupted(): InterruptionStop | undefined {
    const lastFrameMs = this.#lastFrameMs;
    const told = this.#interrupt;
    this.#interrupt = undefined;
    this.#lastFrameMs = undefined;
    if (lastFrameMs === undefined) return undefined;
    const start = told ?? { source: 'speech' as const, atMs: this.#speechStartMs };
    return { source: start.source, stoppedMs: Math.max(0, lastFrameMs - start.atMs) };
  }
}
