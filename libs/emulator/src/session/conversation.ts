import type { Clock, Log } from '@parley/kernel';
import type { Brain, BrainContext, PlannedCall, Reply, ToolOutcome } from '../brain/brain.js';
import type { FunctionResponse } from '../codec/client-message.js';
import type { ContentTurn } from '../codec/content.js';
import type { FunctionDeclaration } from '../codec/function-declaration.js';
import type { ServerMessage } from '../codec/server-message.js';
import type { Voice } from '../voice/voice.js';
import type { Behaviour } from './behaviour.js';
import type { ContextMeter } from './context-meter.js';
import type { ConversationHistory } from './conversation-history.js';
import { startOutput, type ModelOutput } from './model-output.js';
import type { ModelProfile } from './model-profile.js';
import { ModelTurn } from './model-turn.js';
import type { PaceTicker } from './pace-ticker.js';
import { PendingCalls } from './pending-calls.js';

export interface ConversationOptions {
  readonly api: 'gemini' | 'vertex';
  readonly profile: ModelProfile;
  readonly behaviour: Behaviour;
  readonly modality: 'AUDIO' | 'TEXT';
  readonly captions: boolean;
  /** Whether the user's activity cuts the model short. */
  readonly interruptible: boolean;
  readonly instruction: string;
  readonly functions: readonly FunctionDeclaration[];
  readonly history: ConversationHistory;
  readonly meter: ContextMeter;
  readonly brain: Brain;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly random: () => number;
  readonly newCallId: () => string;
  readonly log: Log;
  readonly send: (message: ServerMessage) => void;
  /** A model turn begins or has ended. */
  readonly onTurn: (change: 'begun' | 'ended') => void;
}

type Deferred =
  | { readonly kind: 'input'; readonly text: string; readonly understood: boolean }
  | { readonly kind: 'outcome'; readonly outcome: ToolOutcome };

const MAX_DEFERRED = 64;

/**
 * The turns of one session after its setup: who speaks, what interrupts whom, and which tools are waited for.
 *
 * 1. Every model turn ends with exactly one `turnComplete`, which carries the usage.
 * 2. A turn that runs to its end sends `generationComplete` before it; an interrupted turn sends `interrupted`,
 *    then the cancellation of its blocking calls, then `turnComplete`, at once, and nothing after that.
 * 3. Only ids that were sent and not answered are cancelled.
 * 4. While the user is active no turn begins, except for text; what came meanwhile is taken up afterwards, input
 *    before tool results.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #calls = new PendingCalls();
  #deferred: Deferred[] = [];
  #blockingOutcomes: ToolOutcome[] = [];
  #instruction: string;
  #functions: readonly FunctionDeclaration[];
  #turn: ModelTurn | undefined;
  #userActive = false;
  #videoFrames = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#instruction = options.instruction;
    this.#functions = options.functions;
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

  sawFrame(): void {
    this.#videoFrames += 1;
    this.#options.meter.sawFrame();
  }

  /** Always interrupts; begins a turn when `complete`. */
  addContent(turns: readonly ContentTurn[], complete: boolean): void {
    this.#interrupt();
    this.seed(turns);
    if (complete) this.#answer(true);
  }

  /** Adds to the history and does nothing else. */
  seed(turns: readonly ContentTurn[]): void {
    for (const turn of turns) {
      this.#options.meter.heardText(turn.text.length);
      this.#options.history.addClientTurn(turn);
    }
  }

  updateContext(
    instruction: string | undefined,
    functions: readonly FunctionDeclaration[] | undefined,
  ): void {
    this.#instruction = instruction ?? this.#instruction;
    this.#functions = functions ?? this.#functions;
  }

  /** False when some response answers no pending call. */
  toolsAnswered(responses: readonly FunctionResponse[]): boolean {
    let known = true;
    for (const response of responses) {
      const call = this.#calls.take(response);
      if (!call) {
        known = false;
        continue;
      }
      this.#options.meter.heardText(JSON.stringify(response.response).length);
      const outcome: ToolOutcome = { name: call.name, response: response.response };
      if (call.behavior === 'BLOCKING') this.#blockingOutcomes.push(outcome);
      else if (response.scheduling === 'SILENT') this.#options.history.addToolResult(outcome);
      else this.#defer({ kind: 'outcome', outcome });
      const cutsIn = call.behavior === 'NON_BLOCKING' && response.scheduling === 'INTERRUPT';
      if (cutsIn && !this.#userActive) this.#interrupt();
    }
    if (this.#turn?.waiting && !this.#calls.blocked) {
      const outcomes = this.#blockingOutcomes;
      this.#blockingOutcomes = [];
      this.#turn.goOn(() => this.#afterTools(outcomes));
    }
    this.#takeUp();
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
    this.#deferred = [];
  }

  #input(text: string, understood: boolean): void {
    if (this.#turn && !this.#options.interruptible) {
      this.#defer({ kind: 'input', text, understood });
      return;
    }
    this.#interrupt();
    this.#options.history.addUser(text);
    if (!this.#userActive) this.#answer(understood);
  }

  #defer(work: Deferred): void {
    if (this.#deferred.length < MAX_DEFERRED) this.#deferred.push(work);
  }

  /** Takes up what had to wait, when nothing speaks against it. */
  #takeUp(): void {
    if (this.#turn || this.#userActive) return;
    const inputs = this.#deferred.filter((work) => work.kind === 'input');
    const outcomes = this.#deferred.filter((work) => work.kind === 'outcome');
    if (inputs.length > 0) {
      this.#deferred = outcomes;
      for (const { text } of inputs) this.#options.history.addUser(text);
      this.#answer(inputs.some(({ understood }) => understood));
    } else if (outcomes.length > 0) {
      this.#deferred = [];
      this.#begin(() => this.#afterTools(outcomes.map(({ outcome }) => outcome)));
    }
  }

  #answer(understood: boolean): void {
    this.#begin(() => {
      const { history, brain } = this.#options;
      const open = history.entries.slice(history.unansweredFrom());
      const said = open.flatMap((entry) => (entry.role === 'user' ? [entry.text] : []));
      const before = history.entries.filter((entry) => entry.role !== 'user' || !open.includes(entry));
      return this.#decide(() => brain.answer(this.#context(before), said.join(' '), understood));
    });
  }

  #afterTools(outcomes: readonly ToolOutcome[]): Reply {
    const { history, brain } = this.#options;
    const reply = this.#decide(() => brain.afterTools(this.#context(history.entries), outcomes));
    for (const outcome of outcomes) history.addToolResult(outcome);
    return reply;
  }

  /** A rule that fails must not end the process with all its sessions. */
  #decide(plan: () => Reply): Reply {
    try {
      return plan();
    } catch (error) {
      this.#options.log.error('the brain failed', { error });
      return { say: 'Something went wrong with my rules. Please try again.' };
    }
  }

  #context(history: BrainContext['history']): BrainContext {
    return {
      instruction: this.#instruction,
      functions: this.#functions,
      history,
      videoFrames: this.#videoFrames,
      discloses: this.#options.behaviour.discloses,
      nowMs: this.#options.clock.nowMs(),
      random: this.#options.random,
    };
  }

  #begin(plan: () => Reply): void {
    this.#options.onTurn('begun');
    this.#turn = new ModelTurn(plan, {
      ...this.#options,
      call: (calls) => this.#call(calls),
      speak: (text, onSent) => this.#speak(text, onSent),
      onGenerated: () => this.#options.send({ serverContent: { generationComplete: true } }),
      onEnded: () => {
        this.#endTurn();
        this.#takeUp();
      },
    });
  }

  #call(planned: readonly PlannedCall[]): boolean {
    const { newCallId, profile, history, send } = this.#options;
    const functionCalls = planned.map((call) => ({ id: newCallId(), ...call }));
    for (const call of functionCalls) {
      const declared = this.#functions.find((tool) => tool.name === call.name)?.behavior;
      this.#calls.add({ ...call, behavior: declared ?? profile.functionBehavior });
      history.addCall(call.name, call.args);
    }
    send({ toolCall: { functionCalls } });
    return this.#calls.blocked;
  }

  #speak(text: string, onSent: (heardAtMs: number) => void): ModelOutput {
    const { behaviour, clock, history, meter, modality, api, profile, send, log } = this.#options;
    return startOutput(text, {
      ...this.#options,
      chunkMs: behaviour.chunkMs,
      speed: behaviour.speed,
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
    if (!this.#turn) return;
    this.#turn.stop();
    this.#options.send({ serverContent: { interrupted: true } });
    const ids = this.#calls.cancelBlocking();
    this.#blockingOutcomes = [];
    if (ids.length > 0) this.#options.send({ toolCallCancellation: { ids } });
    this.#endTurn();
  }

  #endTurn(): void {
    const { api, history, meter, profile, send, onTurn } = this.#options;
    this.#turn = undefined;
    history.endModelTurn();
    const interactionStatus = this.#calls.size > 0 ? 'IN_PROGRESS' : 'IDLE';
    send({
      serverContent: { turnComplete: true, ...(profile.interactionStatus && { interactionStatus }) },
      usageMetadata: meter.endTurn(api),
    });
    onTurn('ended');
  }
}
