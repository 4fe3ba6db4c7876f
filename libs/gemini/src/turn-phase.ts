import type { Clock } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';
import type { ModelInput } from './model-input.js';

/** What the model is doing, as far as its messages tell. */
type ModelTurn =
  | { readonly kind: 'idle' }
  /** The user's turn is over, and nothing has come yet. */
  | { readonly kind: 'awaited'; readonly sinceMs: number }
  /** `heard`: words or sound have come, not only thoughts or a call. */
  | { readonly kind: 'answering'; readonly heard: boolean }
  /** All of it has come; the server waits until it has been played before it completes the turn. */
  | { readonly kind: 'generated' }
  /** Extended-thinking models: the turn is complete, and work goes on until `IDLE`. */
  | { readonly kind: 'working' };

/** What a message meant for the turn; both may be true of one message. */
export interface TurnStep {
  /** The model has begun to answer what was said before. */
  readonly began: boolean;
  /**
   * The turn that began last is over, so that what it answered needs no other answer. `empty`: one without output;
   * it answered all that was said.
   */
  readonly ended: 'complete' | 'interrupted' | 'empty' | undefined;
}

/** What the loss of the socket does to the turn: nothing, only its end is missing, or it has to be answered anew. */
export type TurnLoss = 'none' | 'end_missing' | 'cut_before_heard' | 'cut';

/** Transcription without an end: so long after its last piece the user is taken to have stopped. */
const SPEECH_LAPSES_MS = 2_000;
/** A model may choose not to answer (proactive audio): then nobody waits any more. */
const AWAITING_LAPSES_MS = 10_000;
const UNTIL_SIGNALLED = Number.POSITIVE_INFINITY;
const MAX_SPEECH_CHARS = 2_000;
const NOTHING_HEARD = { words: '', finished: false };

/**
 * Whose turn it is. Only an estimate: the API has no message for "the user began to speak" unless asked for one, and
 * models differ in what they send.
 *
 * 1. A turn of the model begins with its first part, transcription or call, and ends with `turnComplete` or
 *    `interrupted`; the `turnComplete` that follows an `interrupted` ends nothing more.
 * 2. `turnComplete` out of nothing is a turn without output: it answers all that was said before.
 */
export class TurnPhase {
  readonly #clock: Clock;
  #turn: ModelTurn = { kind: 'idle' };
  /** The user is speaking, and until when the last sign of it holds. */
  #speech: { readonly sinceMs: number; readonly untilMs: number } | undefined;
  /**
   * The server may still owe the `turnComplete` of what was interrupted. `output_late`: output that comes before it is
   * of the interrupted turn; `output_new`: nothing had come of that, so output begins another.
   */
  #afterInterruption: 'output_late' | 'output_new' | undefined;
  /** The user said something while the model was at it, which the next turn has to answer. */
  #askedMeanwhile = false;
  #endedAtMs = Number.NEGATIVE_INFINITY;
  #unansweredSpeech = NOTHING_HEARD;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get modelIdle(): boolean {
    const turn = this.#turn;
    if (turn.kind === 'awaited') return this.#now - turn.sinceMs >= AWAITING_LAPSES_MS;
    return turn.kind === 'idle';
  }

  /** Monotonic time at which the user began to speak; undefined while he does not. */
  get speakingSinceMs(): number | undefined {
    return this.#speech && this.#now < this.#speech.untilMs ? this.#speech.sinceMs : undefined;
  }

  get endedAtMs(): number {
    return this.#endedAtMs;
  }

  /** What the user was heard to say since the last turn of the model; stays when the session is lost. */
  get unansweredSpeech(): { readonly words: string; readonly finished: boolean } {
    return this.#unansweredSpeech;
  }

  /** What was heard will be heard again. */
  hearAgain(): void {
    this.#unansweredSpeech = NOTHING_HEARD;
  }

  sent(input: ModelInput): void {
    switch (input.kind) {
      case 'activityStart':
        return this.#speaking(UNTIL_SIGNALLED);
      case 'activityEnd':
        return this.#userDone();
      case 'audioStreamEnd':
        if (this.#speech) this.#userDone();
        return;
      case 'content':
        if (!input.partial) this.#await();
        return;
      case 'toolResponse':
        if (this.#turn.kind === 'idle') this.#await();
        return;
      case 'realtime':
      case 'interrupt':
        return;
    }
  }

  received(message: LiveServerMessage): TurnStep {
    this.#readUser(message);
    const began = this.#readOutput(message);
    const ended = this.#readEnd(message);
    return { began, ended };
  }

  /** The session is gone, and with it whatever the model was about to do. */
  lost(): TurnLoss {
    const { kind } = this.#turn;
    const heard = this.#turn.kind === 'answering' && this.#turn.heard;
    this.#turn = { kind: 'idle' };
    this.#afterInterruption = undefined;
    this.#askedMeanwhile = false;
    this.#speech = undefined;
    if (kind === 'generated') return 'end_missing';
    if (kind === 'answering' && heard) return 'cut';
    return kind === 'idle' ? 'none' : 'cut_before_heard';
  }

  #readUser({ inputTranscription, voiceActivity }: LiveServerMessage): void {
    if (voiceActivity?.type === 'ACTIVITY_START') this.#speaking(UNTIL_SIGNALLED);
    if (voiceActivity?.type === 'ACTIVITY_END') this.#userDone();
    if (!inputTranscription) return;
    const { finished, text } = inputTranscription;
    const before = this.#unansweredSpeech.words;
    const words = finished && text.startsWith(before) ? text : before + text;
    this.#unansweredSpeech = { words: words.slice(-MAX_SPEECH_CHARS), finished };
    // While the model answers, pieces are late ones of what it answers; a barge-in shows as `interrupted`.
    if (this.#open) return;
    if (finished) this.#userDone();
    else this.#speaking(this.#now + SPEECH_LAPSES_MS);
  }

  #readOutput({ parts, outputTranscription, toolCalls }: LiveServerMessage): boolean {
    const heard = outputTranscription !== undefined || parts?.some((part) => !part.thought) === true;
    if (!heard && !parts && !toolCalls) return false;
    const before = this.#turn;
    // What trails a turn that was interrupted, or generated, begins nothing.
    const late = this.#afterInterruption === 'output_late' || (!parts && before.kind === 'generated');
    if (!toolCalls && late) return false;
    if (this.#speech && this.#speech.untilMs !== UNTIL_SIGNALLED) this.#speech = undefined;
    const answering = before.kind === 'answering';
    this.#turn = { kind: 'answering', heard: heard || (answering && before.heard) };
    this.#afterInterruption = undefined;
    return !answering && before.kind !== 'working' && before.kind !== 'generated';
  }

  #readEnd(message: LiveServerMessage): TurnStep['ended'] {
    const { generationComplete, interrupted, interactionStatus, turnComplete } = message;
    if (generationComplete && this.#turn.kind === 'answering') this.#turn = { kind: 'generated' };
    if (interrupted) {
      const open = this.#open;
      this.#afterInterruption = turnComplete ? undefined : open ? 'output_late' : 'output_new';
      if (this.#turn.kind !== 'awaited' && !this.#speech) this.#speaking(this.#now + SPEECH_LAPSES_MS);
      if (open) this.#end();
      return open ? 'interrupted' : undefined;
    }
    if (turnComplete) {
      if (this.#afterInterruption) {
        this.#afterInterruption = undefined;
        return undefined;
      }
      if (interactionStatus === 'IN_PROGRESS') {
        this.#turn = { kind: 'working' };
        return undefined;
      }
      const ended = this.#open ? 'complete' : 'empty';
      this.#end();
      return ended;
    }
    if (interactionStatus === 'IDLE' && this.#turn.kind === 'working') {
      this.#end();
      return 'complete';
    }
    return undefined;
  }

  get #open(): boolean {
    const { kind } = this.#turn;
    return kind === 'answering' || kind === 'generated' || kind === 'working';
  }

  #end(): void {
    this.#turn = this.#askedMeanwhile ? { kind: 'awaited', sinceMs: this.#now } : { kind: 'idle' };
    this.#askedMeanwhile = false;
    this.#unansweredSpeech = NOTHING_HEARD;
    this.#endedAtMs = this.#now;
  }

  #speaking(untilMs: number): void {
    const sinceMs = this.speakingSinceMs ?? this.#now;
    this.#speech = { sinceMs, untilMs };
  }

  #userDone(): void {
    this.#speech = undefined;
    this.#await();
  }

  #await(): void {
    if (this.#open) this.#askedMeanwhile = true;
    else this.#turn = { kind: 'awaited', sinceMs: this.#now };
  }

  get #now(): number {
    return this.#clock.monotonicMs();
  }
}
