import type { Clock, Log } from '@parley/kernel';
import type { PlannedCall, Reply, ToolOutcome } from '../brain/brain.js';
import type { FunctionResponse } from '../codec/client-message.js';
import type { ContentTurn } from '../codec/content.js';
import type { ServerMessage } from '../codec/server-message.js';
import { NO_WIRE, Performance, type Script, type Stage, type WireControl } from '../scenario/performance.js';
import type { Voice } from '../voice/voice.js';
import type { Behaviour } from './behaviour.js';
import type { ContextMeter } from './context-meter.js';
import type { ContextWindow } from './context-window.js';
import type { ConversationHistory } from './conversation-history.js';
import { DeferredWork } from './deferred-work.js';
import type { ModelMind } from './model-mind.js';
import { startOutput, type ModelOutput } from './model-output.js';
import type { ModelProfile } from './model-profile.js';
import { ModelTurn, type ScriptOutput } from './model-turn.js';
import type { PaceTicker } from './pace-ticker.js';
import type { PendingCalls } from './pending-calls.js';

export interface ConversationOptions {
  readonly api: 'gemini' | 'vertex';
  readonly profile: ModelProfile;
  readonly behaviour: Behaviour;
  readonly modality: 'AUDIO' | 'TEXT';
  readonly captions: boolean;
  /** Whether the user's activity cuts the model short. */
  readonly interruptible: boolean;
  readonly mind: ModelMind;
  readonly history: ConversationHistory;
  readonly meter: ContextMeter;
  readonly window: ContextWindow;
  readonly calls: PendingCalls;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly random: () => number;
  readonly newCallId: () => string;
  /** What scripts do to the connection. */
  readonly wire?: WireControl;
  readonly log: Log;
  readonly send: (message: ServerMessage) => void;
  /** A model turn begins or has ended. */
  readonly onTurn: (change: 'begun' | 'ended') => void;
  /** The context is larger than the model can take. */
  readonly onFull: () => void;
}

/**
 * The turns of one session after its setup: who speaks, what interrupts whom, and which tools are waited for.
 *
 * 1. Every model turn ends with exactly one `turnComplete`, which carries the usage.
 * 2. A turn that runs to its end sends `generationComplete` before it; an interrupted turn sends `interrupted`,
 *    then the cancellation of its blocking calls, then `turnComplete`, at once, and nothing after that. Blocking
 *    calls whose turn has ended are cancelled with `interrupted` alone.
 * 3. Only ids that were sent and not answered are cancelled.
 * 4. While the user is active no turn begins, except for text; what came meanwhile is taken up afterwards, input
 *    before tool results.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #deferred = new DeferredWork();
  #blockingOutcomes: ToolOutcome[] = [];
  #turn: ModelTurn | undefined;
  #userActive = false;
  #status: 'IN_PROGRESS' | 'IDLE' = 'IDLE';

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** The model neither generates nor is about to. */
  get idle(): boolean {
    return !this.#turn && this.#deferred.empty;
  }

  /** Speech or an explicit activity begins. */
  userStarted(): void {
    this.#userActive = true;
    if (this.#options.interruptible) this.#interrupt();
  }

  /** The activity is over and understood. '' held no words; `speakingAgain`: another has begun meanwhile. */
  userSpoke(text: string, understood: boolean, speakingAgain: boolean): void {
    this.#userActive = speakingAgain;
    if (text !== '') this.#input(text, understood);
    else this.#takeUp();
  }

  userWrote(text: string): void {
    this.#options.meter.heardText(text.length);
    if (text === '') return;
    this.#userActive = false;
    this.#input(text, true);
  }

  /** Always interrupts; begins a turn when `complete`. */
  addContent(turns: readonly ContentTurn[], complete: boolean): void {
    this.#interrupt();
    this.seed(turns);
    if (complete) this.#answer(true);
  }

  /** Adds to the history and does nothing else. */
  seed(turns: readonly ContentTurn[]): void {
    const { meter, history } = this.#options;
    for (const turn of turns) {
      if (turn.role === 'user') meter.heardText(turn.text.length);
      else meter.recalledText(turn.text.length);
      history.addClientTurn(turn);
    }
  }

  /** False when some response answers no pending call. */
  toolsAnswered(responses: readonly FunctionResponse[]): boolean {
    const { calls, meter, history, profile } = this.#options;
    let known = true;
    for (const response of responses) {
      const call = calls.take(response);
      if (!call) {
        known = false;
        continue;
      }
      meter.heardTool(JSON.stringify(response.response).length);
      const outcome: ToolOutcome = { name: call.name, response: response.response };
      const scheduling = profile.scheduling ? response.scheduling : 'WHEN_IDLE';
      if (call.behavior === 'BLOCKING') this.#blockingOutcomes.push(outcome);
      else if (scheduling === 'SILENT') history.addToolResult(outcome);
      else this.#deferred.addOutcome(outcome);
      const cutsIn = call.behavior === 'NON_BLOCKING' && scheduling === 'INTERRUPT';
      if (cutsIn && !this.#userActive) this.#interrupt();
    }
    if (!calls.blocked && this.#blockingOutcomes.length > 0) this.#unblock();
    this.#takeUp();
    this.#tellIdle();
    return known;
  }

  /** Makes the model say or call this now, for tests. */
  inject(reply: Reply): void {
    this.#interrupt();
    this.#begin(() => reply);
  }

  close(): void {
    this.#turn?.stop();
    this.#turn = undefined;
    this.#deferred.clear();
    this.#options.history.endModelTurn();
  }

  #input(text: string, understood: boolean): void {
    if ((this.#turn || this.#options.calls.blocked) && !this.#options.interruptible) {
      this.#deferred.addInput({ text, understood });
      return;
    }
    this.#interrupt();
    this.#options.history.addUser(text);
    if (!this.#userActive) this.#answer(understood);
  }

  /** All blocking calls are answered. */
  #unblock(): void {
    const outcomes = this.#blockingOutcomes;
    this.#blockingOutcomes = [];
    if (this.#turn?.waiting) this.#turn.goOn(() => this.#options.mind.afterTools(outcomes));
    else for (const outcome of outcomes) this.#deferred.addOutcome(outcome);
  }

  /** Takes up what had to wait, when nothing speaks against it. */
  #takeUp(): void {
    if (this.#turn || this.#userActive || this.#options.calls.blocked) return;
    const inputs = this.#deferred.takeInputs();
    if (inputs.length > 0) {
      for (const { text } of inputs) this.#options.history.addUser(text);
      this.#answer(inputs.some(({ understood }) => understood));
      return;
    }
    const outcomes = this.#deferred.takeOutcomes();
    if (outcomes.length > 0) {
      this.#begin(() => this.#options.mind.afterTools(outcomes));
    }
  }

  #answer(understood: boolean): void {
    this.#begin(() => this.#options.mind.answer(understood));
  }

  #begin(plan: () => Reply): void {
    const { window, behaviour, onTurn, onFull, send } = this.#options;
    const room = window.makeRoom();
    if (room === 'full') return onFull();
    onTurn('begun');
    this.#turn = new ModelTurn(plan, {
      ...this.#options,
      delayMs: room === 'compressed' ? behaviour.compressionMs : 0,
      call: (calls) => this.#call(calls),
      speak: (text, onSent) => this.#speak(text, onSent),
      perform: (script, onEnd) => this.#perform(script, onEnd),
      onGenerated: () => send({ serverContent: { generationComplete: true } }),
      onEnded: () => {
        this.#endTurn();
        this.#takeUp();
      },
    });
  }

  /** Answers whether the turn waits for the calls. */
  #call(planned: readonly PlannedCall[]): boolean {
    const { newCallId, profile, behaviour, history, send, calls, mind } = this.#options;
    const functionCalls = planned.map((call) => ({ id: newCallId(), ...call }));
    for (const call of functionCalls) {
      calls.add({ ...call, behavior: mind.behaviorOf(call.name) ?? profile.functionBehavior });
      history.addCall(call.name, call.args);
    }
    send({ toolCall: { functionCalls } });
    return calls.blocked && !(behaviour.turnEndsAtCall ?? profile.turnEndsAtCall);
  }

  #perform(script: Script, onEnd: (heardAtMs: number, waits: boolean) => void): ScriptOutput {
    const { send, wire = NO_WIRE } = this.#options;
    let waits = false;
    const stage: Stage = {
      ...this.#options,
      wire,
      send: (message) => send(message),
      call: (calls) => {
        waits = this.#call(calls);
      },
      speak: (text, pace, onSent) => this.#speak(text, onSent, pace === 'burst'),
    };
    const performance = new Performance(script, stage, (heardAtMs) => {
      onEnd(heardAtMs, waits && this.#options.calls.blocked);
    });
    return { begin: () => performance.begin(), cancel: () => performance.stop() };
  }

  #speak(text: string, onSent: (heardAtMs: number) => void, burst = false): ModelOutput {
    const { behaviour, clock, history, meter, modality, api, profile, send, log } = this.#options;
    return startOutput(text, {
      ...this.#options,
      chunkMs: behaviour.chunkMs,
      speed: burst ? Number.POSITIVE_INFINITY : behaviour.speed,
      held: behaviour.audioAfterInterrupted,
      combined: profile.combinedMessages,
      role: api === 'vertex' ? 'model' : undefined,
      send: (serverContent) => send({ serverContent }),
      onSaid: (piece, audioMs) => {
        history.modelSaid(piece);
        if (modality === 'AUDIO') meter.saidAudio(audioMs / 1000);
        else meter.saidText(piece.length);
      },
      onSent,
      onFailed: (error) => {
        log.warn('speaking failed, the turn ends early', { error });
        onSent(clock.monotonicMs());
      },
    });
  }

  #interrupt(): void {
    const { calls, behaviour, send } = this.#options;
    if (!this.#turn && !calls.blocked) return;
    const sendLate = this.#turn?.stop();
    const ids = calls.cancelBlocking();
    this.#blockingOutcomes = [];
    const messages: ServerMessage[] = [{ serverContent: { interrupted: true } }];
    if (ids.length > 0) messages.push({ toolCallCancellation: { ids } });
    if (behaviour.cancellation === 'before-interrupted') messages.reverse();
    for (const message of messages) send(message);
    sendLate?.();
    if (this.#turn) this.#endTurn();
  }

  #endTurn(): void {
    const { api, history, meter, profile, send, onTurn, calls } = this.#options;
    this.#turn = undefined;
    history.endModelTurn();
    this.#status = calls.size > 0 || !this.#deferred.empty ? 'IN_PROGRESS' : 'IDLE';
    const interactionStatus = profile.interactionStatus && { interactionStatus: this.#status };
    send({
      serverContent: { turnComplete: true, ...interactionStatus },
      usageMetadata: meter.endTurn(api),
    });
    onTurn('ended');
  }

  /** Extended thinking says when it is done with a turn that had ended in progress. */
  #tellIdle(): void {
    const { profile, calls, send } = this.#options;
    if (!profile.interactionStatus || this.#status === 'IDLE' || !this.idle || calls.size > 0) return;
    this.#status = 'IDLE';
    send({ serverContent: { interactionStatus: 'IDLE' } });
  }
}
