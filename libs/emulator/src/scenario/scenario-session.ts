import type { CancelTimer } from '@parley/kernel';
import type { ClientMessage, RealtimeInput } from '../codec/client-message.js';
import type { FunctionCall } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import { rateOfMimeType } from '../input/audio-intake.js';
import type { Ear } from '../input/ear.js';
import type { Behaviour } from '../session/behaviour.js';
import { startOutput, type ModelOutput } from '../session/model-output.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import type { ScenarioEvent } from './cue.js';
import { MediaMeter } from './media-meter.js';
import { Performance, type Pace, type Script, type Stage, type WireControl } from './performance.js';
import { RuleBook } from './rule-book.js';
import type { Scenario } from './scenario.js';
import type { WireJson } from './step-message.js';

export interface ScenarioSessionOptions {
  readonly api: 'gemini' | 'vertex';
  readonly setup: Setup;
  readonly script: Scenario;
  readonly behaviour: Behaviour;
  readonly environment: SessionEnvironment;
  readonly random: () => number;
  readonly newCallId: () => string;
  readonly wire: WireControl;
  readonly send: (message: WireJson) => void;
}

/**
 * A session of an exact scenario from its accepted setup on: sends what the scenario's rules say and nothing else,
 * and takes any message. Owns its scripts, its timers and its ear.
 *
 * 1. What happens goes to the script that waits for it, oldest first, else to the first rule that reacts to it.
 * 2. A rule's script plays beside those that still play, unless it cuts in.
 * 3. After `close` nothing is sent.
 */
export class ScenarioSession {
  readonly #options: ScenarioSessionOptions;
  readonly #book: RuleBook;
  readonly #stage: Stage;
  readonly #media = new MediaMeter();
  /** With whom to tell that they are over. */
  readonly #playing = new Map<Performance, () => void>();
  #timers: readonly CancelTimer[] = [];
  readonly #ear: Ear | undefined;
  #closed = false;

  constructor(options: ScenarioSessionOptions) {
    this.#options = options;
    const { api, script, behaviour, environment, setup, newCallId, wire } = options;
    const { clock, senses } = environment;
    this.#book = new RuleBook(script, options.random);
    this.#stage = {
      api,
      clock,
      newCallId,
      wire,
      send: (message) => this.#send(message),
      call: (functionCalls: readonly FunctionCall[]) => this.#send({ toolCall: { functionCalls } }),
      speak: (text, pace, onSent) => this.#speak(text, pace, onSent),
    };
    this.#ear =
      script.rules.length > 0
        ? senses.openEar(setup.activityDetection, behaviour.silenceDurationMs, {
            captions: false,
            onSpeechStart: () => this.#happen({ kind: 'speechStart' }),
            onCaption: () => undefined,
            onUtterance: ({ text }) => this.#happen({ kind: 'input', said: text }),
          })
        : undefined;
  }

  /** The setup was accepted and answered. */
  begin(): void {
    const { clock } = this.#options.environment;
    const delays = new Set(this.#options.script.rules.flatMap(({ when }) => when.timer ?? []));
    this.#timers = [...delays].map((ms) => clock.after(ms, () => this.#happen({ kind: 'timer', ms })));
    this.#happen({ kind: 'start' });
  }

  /** A message of the client; `frame` is how it was sent. Nothing is refused. */
  accept(message: ClientMessage, frame: string): void {
    if (this.#happen({ kind: 'message', message: JSON.parse(frame) as unknown })) return;
    switch (message.kind) {
      case 'clientContent': {
        const said = message.turns.findLast(({ role }) => role === 'user')?.text ?? '';
        if (message.turnComplete) this.#happen({ kind: 'input', said });
        return;
      }
      case 'realtimeInput':
        this.#hear(message);
        return;
      case 'toolResponse':
        for (const { name, response } of message.responses) {
          this.#happen({ kind: 'toolResult', name, response });
        }
        return;
      case 'setup':
      case 'contextUpdate':
    }
  }

  /** Plays a script now, beside the others; resolves when it is over, also by the session's end. */
  play(steps: Script['steps'], pace?: Pace): Promise<void> {
    return new Promise((resolve) => {
      this.#perform({ steps, pace, cue: this.#book.cue }, resolve);
    });
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#ear?.close();
    this.#stopAll();
  }

  #hear(input: RealtimeInput): void {
    if (input.activityStart) this.#ear?.activityStart();
    for (const event of this.#media.take(input)) this.#happen(event);
    for (const blob of [input.audio, ...input.mediaChunks]) {
      const rateHz = blob && rateOfMimeType(blob.mimeType);
      if (blob && rateHz !== undefined) this.#ear?.accept(blob.bytes, rateHz);
    }
    if (input.text !== undefined) this.#happen({ kind: 'input', said: input.text });
    if (input.activityEnd) this.#ear?.activityEnd();
    if (input.audioStreamEnd) this.#ear?.streamEnd();
  }

  /** Whether a script or a rule reacted. */
  #happen(event: ScenarioEvent): boolean {
    if (this.#closed) return false;
    const cue = this.#book.note(event);
    for (const each of this.#playing.keys()) {
      if (each.take(event, cue)) return true;
    }
    const fired = this.#book.fire(event);
    if (!fired) {
      for (const each of this.#playing.keys()) each.remember(event, cue);
      return false;
    }
    if (fired.rule.cutsIn) this.#stopAll();
    this.#perform(fired.script);
    return true;
  }

  #perform(script: Script, onOver: () => void = () => undefined): void {
    const performance = new Performance(script, this.#stage, () => {
      this.#playing.delete(performance);
      onOver();
    });
    this.#playing.set(performance, onOver);
    performance.begin();
  }

  #stopAll(): void {
    const playing = [...this.#playing];
    this.#playing.clear();
    for (const [performance, onOver] of playing) {
      performance.stop();
      onOver();
    }
  }

  #send(message: WireJson): void {
    if (!this.#closed) this.#options.send(message);
  }

  #speak(text: string, pace: Pace | undefined, onSent: (heardAtMs: number) => void): ModelOutput {
    const { api, setup, script, behaviour, environment } = this.#options;
    const { clock, ticker, senses, log } = environment;
    const burst = (pace ?? script.pace ?? 'burst') === 'burst';
    return startOutput(text, {
      clock,
      ticker,
      modality: setup.responseModalities.includes('TEXT') ? 'TEXT' : 'AUDIO',
      voice: senses.voices(setup.voiceName),
      captions: setup.outputTranscription,
      chunkMs: behaviour.chunkMs,
      speed: burst ? Number.POSITIVE_INFINITY : behaviour.speed,
      held: 0,
      combined: true,
      role: api === 'vertex' ? 'model' : undefined,
      send: (serverContent) => this.#send({ serverContent }),
      onSaid: () => undefined,
      onSent,
      onFailed: (error) => {
        log.warn('speaking failed, the script goes on', { error });
        onSent(clock.monotonicMs());
      },
    });
  }
}
