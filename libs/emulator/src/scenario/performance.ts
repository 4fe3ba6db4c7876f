import type { CancelTimer, Clock } from '@parley/kernel';
import type { FunctionCall } from '../codec/server-message.js';
import type { ModelOutput } from '../session/model-output.js';
import { holds, type Condition } from './condition.js';
import { fillIn, type Cue, type ScenarioEvent } from './cue.js';
import { callsOf, messageOf, type WireJson } from './step-message.js';
import { isMessageStep, type MessageStep, type Step } from './step.js';

/** What a script does to the connection itself. */
export interface WireControl {
  hangUp(code: number, reason: string): void;
  reset(): void;
  /** Holds back everything that is sent until `resume`, which comes by itself after `forMs`. */
  stall(forMs?: number): void;
  resume(): void;
  sendRaw(text: string): void;
}

/** For sessions without a connection. */
export const NO_WIRE: WireControl = {
  hangUp: () => undefined,
  reset: () => undefined,
  stall: () => undefined,
  resume: () => undefined,
  sendRaw: () => undefined,
};

/** The session that a script plays in. */
export interface Stage {
  readonly api: 'gemini' | 'vertex';
  readonly clock: Clock;
  readonly newCallId: () => string;
  readonly wire: WireControl;
  send(message: WireJson): void;
  /** Sends these calls in one message. */
  call(calls: readonly FunctionCall[]): void;
  /** Speaks or writes; `onSent` comes with the monotonic time at which all of it will have been heard. */
  speak(text: string, pace: Pace | undefined, onSent: (heardAtMs: number) => void): ModelOutput;
}

export type Pace = 'real' | 'burst';

export interface Script {
  readonly steps: readonly Step[];
  readonly cue: Cue;
  readonly pace: Pace | undefined;
}

interface Happening {
  readonly event: ScenarioEvent;
  readonly cue: Cue;
}

const MAX_REMEMBERED = 200;
const HALF_A_MESSAGE = '{"serverContent": {"modelTurn": ';

/**
 * One script on its way: performs its steps in order, each as soon as the one before is done.
 *
 * 1. Steps that need not wait are done within the call that leads to them: a script without waits is over when
 *    `begin` returns.
 * 2. The end is reported once; after `stop` nothing is sent or reported, but for what the function it returns sends.
 */
export class Performance {
  readonly #stage: Stage;
  readonly #pace: Pace | undefined;
  readonly #onEnd: (heardAtMs: number) => void;
  readonly #steps: Iterator<Step, void>;
  readonly #remembered: Happening[] = [];
  #cue: Cue;
  #awaited: Condition | undefined;
  #cancelWait: CancelTimer | undefined;
  #speaking: ModelOutput | undefined;
  #last: WireJson | undefined;
  #heardAtMs: number;
  #over = false;

  constructor({ steps, cue, pace }: Script, stage: Stage, onEnd: (heardAtMs: number) => void) {
    this.#stage = stage;
    this.#pace = pace;
    this.#onEnd = onEnd;
    this.#cue = cue;
    this.#steps = unroll(steps);
    this.#heardAtMs = stage.clock.monotonicMs();
  }

  begin(): void {
    this.#goOn();
  }

  /** Whether the script waits for exactly this; it goes on then. */
  take(event: ScenarioEvent, cue: Cue): boolean {
    if (!this.#awaited || !holds(this.#awaited, event, cue)) return false;
    this.#awaited = undefined;
    this.#cue = { ...cue, match: this.#cue.match };
    this.#goOn();
    return true;
  }

  /** Keeps what happened for a later `waitFor`. */
  remember(event: ScenarioEvent, cue: Cue): void {
    this.#remembered.push({ event, cue });
    if (this.#remembered.length > MAX_REMEMBERED) this.#remembered.shift();
  }

  /** The returned function sends what was already under way to the client. */
  stop(): () => void {
    this.#over = true;
    this.#cancelWait?.();
    return this.#speaking?.cancel() ?? (() => undefined);
  }

  #goOn(): void {
    while (!this.#over) {
      const { value: step, done } = this.#steps.next();
      if (done) {
        this.#over = true;
        this.#onEnd(this.#heardAtMs);
      } else if (!this.#perform(step)) {
        return;
      }
    }
  }

  /** False when the script has to wait. */
  #perform(step: Step): boolean {
    const { wire, clock, speak } = this.#stage;
    if (isMessageStep(step)) {
      this.#send(step);
      return true;
    }
    switch (step.verb) {
      case 'say':
        return this.#say(fillIn(step.value.text, this.#cue), step.value.pace ?? this.#pace, speak);
      case 'wait':
        this.#cancelWait = clock.after(step.value, () => this.#goOn());
        return false;
      case 'waitFor':
        return this.#await(step.value);
      case 'sendText':
        wire.sendRaw(step.value);
        return true;
      case 'malformed':
        wire.sendRaw(step.value === true ? HALF_A_MESSAGE : step.value);
        return true;
      case 'close':
        wire.hangUp(step.value.code, step.value.reason);
        return true;
      case 'drop':
        wire.reset();
        return true;
      case 'stall':
        wire.stall(step.value === true ? undefined : step.value);
        return true;
      case 'resume':
        wire.resume();
        return true;
      case 'duplicate':
        for (let i = 0; i < step.value && this.#last; i++) this.#stage.send(this.#last);
        return true;
      case 'reorder':
        for (const each of step.value.toReversed()) this.#send(each);
        return true;
      case 'repeat':
        return true;
    }
  }

  #send(step: MessageStep): void {
    if (step.verb === 'toolCall') {
      const functionCalls = callsOf(step.value, this.#cue, this.#stage.newCallId);
      this.#last = { toolCall: { functionCalls } };
      this.#stage.call(functionCalls);
    } else {
      this.#last = messageOf(step, this.#cue, this.#stage.api);
      this.#stage.send(this.#last);
    }
  }

  #say(text: string, pace: Pace | undefined, speak: Stage['speak']): boolean {
    let sent = false;
    let waiting = false;
    const output = speak.call(this.#stage, text, pace, (heardAtMs) => {
      sent = true;
      this.#speaking = undefined;
      this.#heardAtMs = heardAtMs;
      if (waiting) this.#goOn();
    });
    if (sent) return true;
    waiting = true;
    this.#speaking = output;
    return false;
  }

  #await(when: Condition): boolean {
    const at = this.#remembered.findIndex(({ event, cue }) => holds(when, event, cue));
    const [found] = at < 0 ? [] : this.#remembered.splice(at, 1);
    if (found) this.#cue = { ...found.cue, match: this.#cue.match };
    else this.#awaited = when;
    return found !== undefined;
  }
}

function* unroll(steps: readonly Step[]): Generator<Step, void> {
  for (const step of steps) {
    if (step.verb !== 'repeat') yield step;
    else for (let i = 0; i < step.value.times; i++) yield* unroll(step.value.do);
  }
}
