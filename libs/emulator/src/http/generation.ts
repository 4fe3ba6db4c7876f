import { newId, type CancelTimer } from '@parley/kernel';
import type { Brain, BrainContext, PlannedCall, Reply } from '../brain/brain.js';
import { fillArguments } from '../brain/tool-arguments.js';
import { Performance, type Script, type Stage, type WireControl } from '../scenario/performance.js';
import { RuleBook } from '../scenario/rule-book.js';
import { ScenarioBrain } from '../scenario/scenario-brain.js';
import type { ScenarioPlan } from '../scenario/scenario-plan.js';
import type { WireJson } from '../scenario/step-message.js';
import { startOutput, type ModelOutput } from '../session/model-output.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import type { GenerateRequest } from './generate-request.js';

export interface GenerationOptions {
  readonly request: GenerateRequest;
  readonly plan: ScenarioPlan;
  readonly api: 'gemini' | 'vertex';
  readonly environment: SessionEnvironment;
  readonly random: () => number;
  /** Whether anyone sees the pieces come, so that speech and text are paced. */
  readonly paced: boolean;
  readonly wire: WireControl;
  /** A piece of the answer, as a live session would send it. */
  readonly send: (message: WireJson) => void;
  readonly onEnd: () => void;
}

/**
 * One answer to `generateContent`: thinks, decides as a live session of the same scenario would, and gives out what
 * it says piece by piece, at the scenario's pace.
 *
 * 1. Knows nothing of earlier requests: a rule's `times` counts anew, `start`, `timer` and `audioMs` never hold, and
 *    a script ends where it would wait for something to happen.
 * 2. `onEnd` comes once, after the last piece; after `close` nothing comes.
 */
export class Generation {
  readonly #options: GenerationOptions;
  #stop: () => void;

  constructor(options: GenerationOptions) {
    this.#options = options;
    const { plan, environment, random } = options;
    const { clock } = environment;
    const { thinkMs, thinkJitterMs } = plan.behaviour;
    const cancel: CancelTimer = clock.after(thinkMs + random() * thinkJitterMs, () => this.#answer());
    this.#stop = cancel;
  }

  close(): void {
    this.#stop();
  }

  #answer(): void {
    const { send, onEnd } = this.#options;
    const { script, say, calls = [] } = this.#decide();
    if (script) return this.#play(script);
    if (calls.length > 0) {
      send({ toolCall: { functionCalls: calls.map((call) => ({ ...this.#newId(), ...call })) } });
      return onEnd();
    }
    if (!say?.trim()) return onEnd();
    const output = this.#speak(say, false, onEnd);
    this.#stop = () => void output.cancel();
  }

  #decide(): Reply {
    const { request, plan } = this.#options;
    const { outcomes, said, forcedCall, answerSchema } = request;
    const brain = this.#brain();
    const context = this.#context();
    const scripted =
      outcomes.length > 0 ? brain.afterTools(context, outcomes) : brain.answer(context, said, true);
    if (scripted.script || plan.script?.exact) return scripted;
    if (forcedCall) return { calls: scripted.calls ?? [forcedCall] };
    if (scripted.calls || !answerSchema) return scripted;
    return { say: JSON.stringify(fillArguments(answerSchema, said, { facts: [] })) };
  }

  /** The scenario's, after the turns that the request tells of. */
  #brain(): Brain {
    const { request, plan, environment, random } = this.#options;
    const { script } = plan;
    if (!script) return environment.brain;
    const book = new RuleBook(script, random);
    const earlier = request.turns - (request.outcomes.length > 0 ? 0 : 1);
    for (let turn = 0; turn < earlier; turn++) book.note({ kind: 'input', said: request.said });
    return new ScenarioBrain(book, script.exact ? SILENT : environment.brain);
  }

  #context(): BrainContext {
    const { request, plan, environment, random } = this.#options;
    return {
      instruction: request.instruction,
      functions: request.functions,
      history: request.history,
      videoFrames: request.pictures,
      discloses: plan.behaviour.discloses,
      nowMs: environment.clock.nowMs(),
      random,
    };
  }

  #play(script: Script): void {
    const { environment, api, send, wire, plan, onEnd } = this.#options;
    const waits = script.steps.findIndex(({ verb }) => verb === 'waitFor');
    const steps = waits < 0 ? script.steps : script.steps.slice(0, waits);
    const pace = script.pace ?? plan.script?.pace ?? (plan.script?.exact ? 'burst' : 'real');
    const stage: Stage = {
      api,
      clock: environment.clock,
      wire,
      send,
      newCallId: () => newId('call'),
      call: (functionCalls: readonly PlannedCall[]) => send({ toolCall: { functionCalls } }),
      speak: (text, own, onSent) => this.#speak(text, (own ?? pace) === 'burst', onSent),
    };
    const performance = new Performance({ ...script, steps }, stage, onEnd);
    this.#stop = () => void performance.stop();
    performance.begin();
  }

  #speak(text: string, burst: boolean, onSent: (heardAtMs: number) => void): ModelOutput {
    const { environment, request, plan, paced, send } = this.#options;
    const { clock, ticker, senses, log } = environment;
    return startOutput(text, {
      clock,
      ticker,
      modality: request.modality,
      voice: senses.voices(request.voiceName),
      captions: false,
      chunkMs: plan.behaviour.chunkMs,
      speed: burst || !paced ? Number.POSITIVE_INFINITY : plan.behaviour.speed,
      held: 0,
      combined: true,
      role: undefined,
      send: (serverContent) => send({ serverContent }),
      onSaid: () => undefined,
      onSent,
      onFailed: (error) => {
        log.warn('speaking failed, the answer ends early', { error });
        onSent(clock.monotonicMs());
      },
    });
  }

  /** Vertex gives calls no ids here. */
  #newId(): { readonly id?: string } {
    return this.#options.api === 'gemini' ? { id: newId('call') } : {};
  }
}

/** What an exact scenario answers where no rule holds. */
const SILENT: Brain = { answer: () => ({}), afterTools: () => ({}) };
