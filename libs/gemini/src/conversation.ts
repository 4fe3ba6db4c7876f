import type { FunctionResponse } from '@parley/event';
import type { Clock } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';
import type { ToolBehavior } from './capabilities.js';
import type { GeminiCounters } from './gemini-counters.js';
import { InputRing, type RingEntry } from './input-ring.js';
import type { ModelInput, SentStamp } from './model-input.js';
import { PendingToolCalls } from './pending-tool-calls.js';
import { RepeatedSpeech } from './repeated-speech.js';
import type { ResumptionHandles } from './resumption-handles.js';
import { TurnPhase, type TurnStep } from './turn-phase.js';
import { UnsavedResults } from './unsaved-results.js';

export interface ConversationOptions {
  readonly clock: Clock;
  readonly handles: ResumptionHandles;
  /** Whether handles are asked for at all. */
  readonly resumption: boolean;
  readonly behaviorOf: (functionName: string) => ToolBehavior;
  /** False: the model speaks while the user does, as an interpreter; nobody has to answer anything. */
  readonly turnBased: boolean;
  readonly counters: GeminiCounters;
}

/** Something that was said before, for a new socket to say. */
export type Replayed = Pick<RingEntry, 'input' | 'stamp'>;

/** Speech is noticed late: so much audio is kept from before the moment at which it seems to have begun. */
const PRE_ROLL_MS = 1_000;
/** A turn's handle comes right after its end; it is not waited for longer. */
const HANDLE_WAIT_MS = 3_000;
/** A pause of an interpreter. */
const PAUSE_MS = 1_000;

/**
 * What outlives a socket: who is speaking, what has not been answered, which calls are open, which handle leads back.
 *
 * 1. It only watches: what it is told of is what was sent and what has come, in order.
 * 2. After `lost` nothing of the old session counts but the handle; `renewed` says what its successor has to hear.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #ring: InputRing;
  readonly #turn: TurnPhase;
  readonly #tools: PendingToolCalls;
  readonly #results: UnsavedResults;
  readonly #repeated = new RepeatedSpeech();
  #spokeAtMs = Number.NEGATIVE_INFINITY;
  /** A turn has ended that is in no handle. */
  #unsavedTurn = false;
  /** The last turn ended with a tool to give its answer; until then, or until a handle, it may have to be asked again. */
  #leftToTool = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#ring = new InputRing(options.clock);
    this.#turn = new TurnPhase(options.clock);
    this.#tools = new PendingToolCalls(options.behaviorOf);
    this.#results = new UnsavedResults(options.clock);
  }

  /** Bytes of media that wait for a socket. */
  get unsentBytes(): number {
    return this.#ring.unsentBytes;
  }

  /** How much of the newest audio of the user a session that takes over would have to hear again. */
  get unsettledAudioMs(): number {
    return this.#ring.audioMs;
  }

  /** Whether the server may be silent as long as it likes. */
  get silenceIsFine(): boolean {
    return !this.#options.turnBased || this.#tools.blocking;
  }

  /** What the user has said without being answered, oldest first: it is in the ring, and will be said again. */
  get unansweredWords(): readonly string[] {
    return [
      ...this.#ring.unansweredTexts,
      ...(this.#ring.complete ? [this.#turn.unansweredSpeech.words] : []),
    ];
  }

  /**
   * Whether the socket could be replaced now and nobody would notice: both are silent, no tool keeps the model
   * waiting, and the handle is of the session as it is.
   */
  get safeToRotate(): boolean {
    const { clock, handles, resumption, turnBased } = this.#options;
    if (!turnBased && clock.monotonicMs() - this.#spokeAtMs < PAUSE_MS) return false;
    if (!this.#turn.modelIdle || this.#turn.speakingSinceMs !== undefined || this.#tools.blocking)
      return false;
    if (!resumption) return true;
    if (!handles.current || this.#tools.calledSinceHandle) return false;
    return !this.#unsavedTurn || clock.monotonicMs() - this.#turn.endedAtMs >= HANDLE_WAIT_MS;
  }

  /** Whether a turn has ended that the newest handle does not know: who takes the session up with it has forgotten that. */
  get handleIsBehind(): boolean {
    return this.#unsavedTurn;
  }

  /** Keeps `input` for a successor; `sent` when the session of now gets it, too. */
  keep(input: ModelInput, sent: boolean): RingEntry {
    return this.#ring.add(input, sent);
  }

  /** The session of now got it. */
  sent(input: ModelInput, stamp: SentStamp): void {
    this.#turn.sent(input);
    if (input.kind !== 'toolResponse') return;
    this.#results.sent({ responses: input.responses, stamp }, (response) => this.#tools.answeredBy(response));
    this.#tools.answered(input.responses);
  }

  /** Answers `message` without what the listener knows already; undefined when nothing else is in it. */
  received(message: LiveServerMessage): LiveServerMessage | undefined {
    const { cancelledToolCallIds, outputTranscription, parts, sessionResumptionUpdate, toolCalls } = message;
    if (!this.#options.turnBased) return this.#receivedInFlow(message);
    const { began, ended } = this.#turn.received(message);
    if (parts ?? outputTranscription ?? toolCalls) this.#results.modelWentOn(began);
    if (toolCalls) this.#tools.called(toolCalls);
    if (cancelledToolCallIds) this.#tools.takenBack(cancelledToolCallIds);
    if (began) {
      this.#repeated.over();
      this.#ring.turnBegan();
      this.#leftToTool = false;
    }
    if (ended) {
      this.#unsavedTurn = true;
      if (!this.#answerIsToCome) this.#forgetAnswered(ended);
      else if (ended !== 'empty') this.#leftToTool = true;
    }
    if (sessionResumptionUpdate) this.#noteUpdate(sessionResumptionUpdate);
    return this.#fresh(message);
  }

  /** The responses that the model still waits for; the others are counted. */
  wanted(responses: readonly FunctionResponse[]): readonly FunctionResponse[] {
    const wanted = this.#tools.wanted(responses);
    this.#options.counters.droppedToolResponses += responses.length - wanted.length;
    return wanted;
  }

  /** The session is gone. Answers what the listener has to be told of the turn that went with it. */
  lost(): LiveServerMessage | undefined {
    const loss = this.#turn.lost();
    if (loss === 'end_missing' && !this.#answerIsToCome) {
      this.#ring.turnEnded();
      return { turnComplete: true };
    }
    if (loss !== 'cut' && loss !== 'end_missing') return undefined;
    this.#options.counters.cutTurns += 1;
    return { interrupted: true };
  }

  /**
   * A session took over: the same one, `resumed` with the handle, or a new one. Answers what it has to be told, in
   * order, and the ids of the calls that it does not know.
   */
  renewed(resumed: boolean): {
    readonly replay: readonly Replayed[];
    readonly cancelledToolCallIds: readonly string[];
  } {
    const { counters } = this.#options;
    const cancelledToolCallIds = this.#tools.lost(resumed);
    const results = this.#resultsFor(resumed);
    this.#ring.keepResponses((responses) => this.wanted(responses));
    const { entries, lost } = this.#ring.takeAll();
    counters.droppedReplayMs += lost.audioMs;
    counters.droppedReplayControls += lost.controls;
    for (const { audioMs } of entries) counters.replayedMs += audioMs;
    this.#unsavedTurn = false;
    this.#leftToTool = false;
    if (entries.some(({ audioMs }) => audioMs > 0)) this.#repeated.expect(this.#turn.unansweredSpeech);
    this.#turn.hearAgain();
    return { replay: [...results, ...entries], cancelledToolCallIds };
  }

  clear(): void {
    this.#ring.clear();
    this.#results.clear();
  }

  /** A session that begins anew reads the results in its history. */
  #resultsFor(resumed: boolean): readonly Replayed[] {
    if (!resumed) {
      this.#results.clear();
      return [];
    }
    const { counters } = this.#options;
    const { lost, messages } = this.#results.takeKnown();
    counters.droppedReplayControls += lost;
    for (const { responses } of messages) counters.resentToolResponses += responses.length;
    return messages.map(({ responses, stamp }) => ({ input: { kind: 'toolResponse', responses }, stamp }));
  }

  /** A tool works, or has just worked, on something that no handle has. */
  get #answerIsToCome(): boolean {
    return this.#tools.newerPending || this.#results.answerAwaited;
  }

  /** What was said a moment ago has been interpreted; to say it again would be to hear it interpreted twice. */
  #receivedInFlow(message: LiveServerMessage): LiveServerMessage {
    if (message.parts ?? message.outputTranscription) {
      this.#spokeAtMs = this.#options.clock.monotonicMs();
      this.#ring.handleIssued(this.#spokeAtMs - PRE_ROLL_MS);
    }
    if (message.sessionResumptionUpdate) this.#noteUpdate(message.sessionResumptionUpdate);
    return message;
  }

  #fresh(message: LiveServerMessage): LiveServerMessage | undefined {
    const { inputTranscription: heard, ...rest } = message;
    const fresh = heard && this.#repeated.newIn(heard);
    if (fresh === heard) return message;
    if (fresh) return { ...rest, inputTranscription: fresh };
    return Object.keys(rest).length > 0 ? rest : undefined;
  }

  #forgetAnswered(ended: NonNullable<TurnStep['ended']>): void {
    const speakingSinceMs = this.#turn.speakingSinceMs;
    // Who interrupts has begun to speak before anybody noticed.
    const sinceMs = speakingSinceMs === undefined ? undefined : speakingSinceMs - PRE_ROLL_MS;
    if (ended === 'empty') this.#ring.allAnswered(sinceMs);
    else this.#ring.turnEnded(sinceMs);
  }

  #noteUpdate(update: NonNullable<LiveServerMessage['sessionResumptionUpdate']>): void {
    if (!this.#options.resumption || !this.#options.handles.note(update)) return;
    this.#tools.handleIssued();
    this.#unsavedTurn = false;
    // The turn is in the handle, with the call that it made: what it answered need not be asked again.
    if (this.#leftToTool) this.#forgetAnswered('complete');
    this.#leftToTool = false;
    const consumed = update.lastConsumedClientMessageIndex;
    if (consumed === undefined) {
      this.#results.handleIssued();
      this.#ring.handleIssued(this.#keptSinceMs());
    } else {
      this.#results.consumed(Number(consumed));
      this.#ring.consumed(Number(consumed));
    }
  }

  /** With a turn under way the handle may be from its middle: then all that it answers is kept. */
  #keptSinceMs(): number {
    if (!this.#turn.modelIdle) return Number.NEGATIVE_INFINITY;
    return (this.#turn.speakingSinceMs ?? this.#options.clock.monotonicMs()) - PRE_ROLL_MS;
  }
}
