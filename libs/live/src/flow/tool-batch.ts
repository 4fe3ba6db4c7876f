import type { EventActions, FunctionResponse } from '@parley/event';

/** What comes of a call, once or (when it streams) many times. */
export interface ToolAnswer {
  readonly response: FunctionResponse;
  readonly actions: EventActions;
  /** How the model hears of it; an event there is always. `text`: as words of the user, where it takes no parts. */
  readonly toModel: 'response' | 'text' | 'nothing';
}

/** The calls of one message that are answered together, in call order, once all have answered or left. */
export class ToolBatch {
  readonly #ids: readonly string[];
  readonly #waitedFor: Set<string>;
  readonly #answers = new Map<string, ToolAnswer>();
  readonly #complete: (answers: readonly ToolAnswer[]) => void;

  constructor(ids: readonly string[], complete: (answers: readonly ToolAnswer[]) => void) {
    this.#ids = ids;
    this.#waitedFor = new Set(ids);
    this.#complete = complete;
  }

  /** Answers of calls that the batch waits for. */
  settle(answers: readonly ToolAnswer[]): void {
    for (const answer of answers) this.#answers.set(answer.response.id, answer);
    this.leave(answers.map(({ response }) => response.id));
  }

  /** The others do not wait for these any longer. */
  leave(ids: readonly string[]): void {
    const waited = this.#waitedFor.size;
    for (const id of ids) this.#waitedFor.delete(id);
    if (waited === 0 || this.#waitedFor.size > 0 || this.#answers.size === 0) return;
    this.#complete(this.#ids.flatMap((id) => this.#answers.get(id) ?? []));
  }
}
