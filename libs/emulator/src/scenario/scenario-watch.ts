import type { CancelTimer } from '@parley/kernel';
import type { Reply } from '../brain/brain.js';
import type { ClientMessage } from '../codec/client-message.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import type { ScenarioEvent } from './cue.js';
import { MediaMeter } from './media-meter.js';
import { Performance, type Script, type Stage } from './performance.js';
import { RuleBook } from './rule-book.js';
import { ScenarioBrain } from './scenario-brain.js';
import { opensTurn, type Scenario } from './scenario.js';

export interface ScenarioWatchOptions extends Omit<Stage, 'call' | 'speak' | 'clock'> {
  readonly script: Scenario;
  readonly environment: SessionEnvironment;
  readonly random: () => number;
}

/**
 * The rules of a scenario that is not exact, beside a session that keeps its turns by itself. Rules that answer the
 * user or a tool are asked by the session's own brain; the others are played from here: those that speak or call as
 * a turn of the model, which interrupts the running one, the others at once and beside it. Owns its timers.
 */
export class ScenarioWatch {
  /** The session's environment, with the scenario's brain and ears. */
  readonly environment: SessionEnvironment;
  readonly #options: ScenarioWatchOptions;
  readonly #book: RuleBook;
  /** Whether any rule looks at whole messages. */
  readonly #reads: boolean;
  readonly #media = new MediaMeter();
  readonly #playing = new Set<Performance>();
  #timers: readonly CancelTimer[] = [];
  #inject: ((reply: Reply) => void) | undefined;

  constructor(options: ScenarioWatchOptions) {
    this.#options = options;
    const { script, environment } = options;
    const { senses } = environment;
    this.#book = new RuleBook(script, options.random);
    this.#reads = script.rules.some(({ when }) => when.message !== undefined);
    this.environment = {
      ...environment,
      brain: new ScenarioBrain(this.#book, environment.brain),
      senses: {
        voices: senses.voices,
        openEar: (detection, unsetSilenceMs, ear) =>
          senses.openEar(detection, unsetSilenceMs, {
            ...ear,
            onSpeechStart: (atMs) => {
              ear.onSpeechStart(atMs);
              this.#happen({ kind: 'speechStart' });
            },
          }),
      },
    };
  }

  /** The setup was accepted and answered; `inject` makes the model say something now. */
  begin(inject: (reply: Reply) => void): void {
    this.#inject = inject;
    const { script, environment } = this.#options;
    const delays = new Set(script.rules.flatMap(({ when }) => when.timer ?? []));
    this.#timers = [...delays].map((ms) =>
      environment.clock.after(ms, () => this.#happen({ kind: 'timer', ms })),
    );
    this.#happen({ kind: 'start' });
  }

  /** Sees a message before the session takes it. True when a rule takes it in its place. */
  accept(message: ClientMessage, frame: string): boolean {
    if (this.#reads && this.#happen({ kind: 'message', message: JSON.parse(frame) as unknown })) return true;
    if (message.kind === 'realtimeInput') {
      for (const event of this.#media.take(message)) this.#happen(event);
    }
    return false;
  }

  close(): void {
    this.#inject = undefined;
    for (const cancel of this.#timers) cancel();
    for (const each of this.#playing) each.stop();
    this.#playing.clear();
  }

  #happen(event: ScenarioEvent): boolean {
    if (!this.#inject) return false;
    this.#book.note(event);
    const fired = this.#book.fire(event);
    if (!fired) return false;
    if (opensTurn(fired.rule)) this.#inject({ script: fired.script });
    else this.#playBeside(fired.script);
    return true;
  }

  #playBeside(script: Script): void {
    const { environment, ...stage } = this.#options;
    const performance = new Performance(
      script,
      {
        ...stage,
        clock: environment.clock,
        // Calls and speech make a turn of the model, so that none comes here.
        call: () => undefined,
        speak: () => ({ cancel: () => () => undefined }),
      },
      () => this.#playing.delete(performance),
    );
    this.#playing.add(performance);
    performance.begin();
  }
}
