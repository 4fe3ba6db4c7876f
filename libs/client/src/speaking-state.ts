import type { CancelTimer, Clock } from '@parley/kernel';

/** Whose move it is: nobody speaks, the user speaks, the agent is working on its answer, the agent speaks. */
export type SpeakingState = 'listening' | 'user' | 'thinking' | 'agent';

/** Speech pauses shorter than this do not end the user's speaking. */
const SPEECH_PAUSE_MS = 500;
/** Transcription deltas come more rarely than audio. */
const TRANSCRIPT_PAUSE_MS = 1_200;
/** What a player gathers before it starts. */
const START_DELAY_MS = 80;
/** An answer that takes longer than this is shown as not coming. */
const MAX_THINKING_MS = 30_000;

/**
 * Tells from what passes the client who is speaking. Each state has a deadline until which it holds, put off by
 * what confirms it; of those that hold, the agent's comes first, then the user's, then thinking. The agent speaks
 * as long as its audio takes to play, counted from its arrival and a player's start.
 */
export class SpeakingTracker {
  readonly #clock: Clock;
  readonly #onChange: (state: SpeakingState) => void;
  #state: SpeakingState = 'listening';
  #agentUntil = 0;
  #userUntil = 0;
  #thinkingUntil = 0;
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, onChange: (state: SpeakingState) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): SpeakingState {
    return this.#state;
  }

  /** Milliseconds of the agent's audio that have come but should not have been played yet. */
  get agentAudioLeftMs(): number {
    return Math.max(0, this.#agentUntil - this.#clock.monotonicMs());
  }

  agentAudio(durationMs: number): void {
    const now = this.#clock.monotonicMs();
    this.#agentUntil = Math.max(now + START_DELAY_MS, this.#agentUntil) + durationMs;
    this.#thinkingUntil = 0;
    this.#settle();
  }

  agentStopped(): void {
    this.#agentUntil = 0;
    this.#settle();
  }

  turnComplete(): void {
    this.#thinkingUntil = 0;
    this.#settle();
  }

  userAudible(): void {
    this.#userFor(SPEECH_PAUSE_MS);
  }

  userTranscribed(isFinal: boolean): void {
    if (!isFinal) return this.#userFor(TRANSCRIPT_PAUSE_MS);
    this.#userUntil = 0;
    this.agentWorks();
  }

  /** The agent has what it needs to answer: typed text, the end of speech, a tool to wait for. */
  agentWorks(): void {
    const now = this.#clock.monotonicMs();
    if (this.#agentUntil <= now) this.#thinkingUntil = now + MAX_THINKING_MS;
    this.#settle();
  }

  close(): void {
    this.#agentUntil = this.#userUntil = this.#thinkingUntil = 0;
    this.#settle();
  }

  #userFor(ms: number): void {
    this.#userUntil = Math.max(this.#userUntil, this.#clock.monotonicMs() + ms);
    this.#settle();
  }

  #settle(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const now = this.#clock.monotonicMs();
    const [state, until] = this.#holding(now);
    if (state !== 'listening') this.#cancelTimer = this.#clock.after(until - now, () => this.#settle());
    if (state === this.#state) return;
    this.#state = state;
    this.#onChange(state);
  }

  #holding(now: number): [SpeakingState, number] {
    if (this.#agentUntil > now) return ['agent', this.#agentUntil];
    if (this.#userUntil > now) return ['user', this.#userUntil];
    if (this.#thinkingUntil > now) return ['thinking', this.#thinkingUntil];
    return ['listening', now];
  }
}
