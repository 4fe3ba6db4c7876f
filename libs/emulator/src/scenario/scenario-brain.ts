import type { Brain, BrainContext, Reply, ToolOutcome } from '../brain/brain.js';
import type { ScenarioEvent } from './cue.js';
import type { RuleBook } from './rule-book.js';

/** Answers as the scenario's rules say, and as another brain does where none of them holds. */
export class ScenarioBrain implements Brain {
  readonly #book: RuleBook;
  readonly #otherwise: Brain;

  constructor(book: RuleBook, otherwise: Brain) {
    this.#book = book;
    this.#otherwise = otherwise;
  }

  answer(context: BrainContext, said: string, understood: boolean): Reply {
    return this.#scripted({ kind: 'input', said }) ?? this.#otherwise.answer(context, said, understood);
  }

  afterTools(context: BrainContext, outcomes: readonly ToolOutcome[]): Reply {
    for (const { name, response } of outcomes) {
      const reply = this.#scripted({ kind: 'toolResult', name, response });
      if (reply) return reply;
    }
    return this.#otherwise.afterTools(context, outcomes);
  }

  #scripted(event: ScenarioEvent): Reply | undefined {
    this.#book.note(event);
    const fired = this.#book.fire(event);
    return fired && { script: fired.script };
  }
}
