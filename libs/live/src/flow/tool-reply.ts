import {
  NO_ACTIONS,
  type EventActions,
  type FunctionCall,
  type FunctionResponse,
  type FunctionResponseScheduling,
} from '@parley/event';
import type { ToolAnswer, ToolBatch } from './tool-batch.js';
import type { ToolOutput } from './tool-result.js';

export interface ReplyOptions {
  readonly willContinue?: boolean;
  readonly scheduling?: FunctionResponseScheduling | undefined;
  readonly toModel?: ToolAnswer['toModel'];
}

/**
 * Where the answers of one call go: with those of the others of its message, unless it has left them. Calls that are
 * alike in one message share one, and get the same.
 */
export class ToolReply {
  readonly #name: string;
  readonly #ids: Set<string>;
  readonly #mayBeScheduled: boolean;
  readonly #send: (answers: readonly ToolAnswer[]) => void;
  #batch: ToolBatch | undefined;

  constructor(
    call: FunctionCall,
    options: {
      readonly mayBeScheduled: boolean;
      /** For answers that wait for nobody. */
      readonly send: (answers: readonly ToolAnswer[]) => void;
    },
  ) {
    this.#name = call.name;
    this.#ids = new Set([call.id]);
    this.#mayBeScheduled = options.mayBeScheduled;
    this.#send = options.send;
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  addId(id: string): void {
    this.#ids.add(id);
  }

  /** Nothing more is said to this id. */
  removeId(id: string): void {
    this.#ids.delete(id);
    this.#batch?.leave([id]);
  }

  join(batch: ToolBatch): void {
    this.#batch = batch;
  }

  leaveBatch(): void {
    this.#batch?.leave([...this.#ids]);
    this.#batch = undefined;
  }

  /** Says it to every id; `actions` are told once. */
  give(output: ToolOutput, actions: EventActions, options: ReplyOptions = {}): void {
    const { willContinue, toModel = 'response' } = options;
    const scheduling = this.#mayBeScheduled ? options.scheduling : undefined;
    const answers = [...this.#ids].map((id, at): ToolAnswer => {
      const response: FunctionResponse = {
        id,
        name: this.#name,
        ...output,
        ...(scheduling ? { scheduling } : {}),
        ...(willContinue === undefined ? {} : { willContinue }),
      };
      return { response, actions: at === 0 ? actions : NO_ACTIONS, toModel };
    });
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch) batch.settle(answers);
    else this.#send(answers);
  }
}
