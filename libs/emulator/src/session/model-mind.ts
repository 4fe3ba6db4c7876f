import type { Clock, Log } from '@parley/kernel';
import type { Brain, BrainContext, Reply, ToolOutcome } from '../brain/brain.js';
import type { FunctionDeclaration } from '../codec/function-declaration.js';
import type { Behaviour } from './behaviour.js';
import type { ConversationHistory } from './conversation-history.js';

export interface ModelMindOptions {
  readonly behaviour: Behaviour;
  readonly instruction: string;
  readonly functions: readonly FunctionDeclaration[];
  /** The language that a translating model speaks; undefined for the others, which answer. */
  readonly translateTo: string | undefined;
  readonly history: ConversationHistory;
  readonly brain: Brain;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What the model of one session knows and decides: it asks the brain, which remembers nothing itself. */
export class ModelMind {
  readonly #options: ModelMindOptions;
  #instruction: string;
  #functions: readonly FunctionDeclaration[];
  #videoFrames = 0;

  constructor(options: ModelMindOptions) {
    this.#options = options;
    this.#instruction = options.instruction;
    this.#functions = options.functions;
  }

  /** What is undefined stays. */
  update(instruction: string | undefined, functions: readonly FunctionDeclaration[] | undefined): void {
    this.#instruction = instruction ?? this.#instruction;
    this.#functions = functions ?? this.#functions;
  }

  sawFrame(): void {
    this.#videoFrames += 1;
  }

  behaviorOf(name: string): FunctionDeclaration['behavior'] {
    return this.#functions.find((tool) => tool.name === name)?.behavior;
  }

  /** To all that the user said since the model spoke. */
  answer(understood: boolean): Reply {
    const { history, brain, translateTo } = this.#options;
    const open = history.entries.slice(history.unansweredFrom());
    const said = open.flatMap((entry) => (entry.role === 'user' ? [entry.text] : [])).join(' ');
    if (translateTo !== undefined) return { say: said };
    const before = history.entries.filter((entry) => entry.role !== 'user' || !open.includes(entry));
    return this.#decide(() => brain.answer(this.#context(before), said, understood));
  }

  /** To what tools answered, which is part of the history from here on. */
  afterTools(outcomes: readonly ToolOutcome[]): Reply {
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
    const { behaviour, clock, random } = this.#options;
    return {
      instruction: this.#instruction,
      functions: this.#functions,
      history,
      videoFrames: this.#videoFrames,
      discloses: behaviour.discloses,
      nowMs: clock.nowMs(),
      random,
    };
  }
}
