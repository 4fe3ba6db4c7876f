import type { FunctionDeclaration } from '../codec/function-declaration.js';
import type { Script } from '../scenario/performance.js';
import type { HistoryEntry } from '../session/conversation-history.js';

/** What the model says and calls next. */
export interface Reply {
  /** What is spoken; undefined says nothing. Beside calls it is only a filler. */
  readonly say?: string;
  readonly calls?: readonly PlannedCall[];
  /** What a scenario has the model do in place of both. */
  readonly script?: Script;
}

export interface PlannedCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface BrainContext {
  readonly instruction: string;
  readonly functions: readonly FunctionDeclaration[];
  /** What came before, oldest first; `said` and `results` are not in it. */
  readonly history: readonly HistoryEntry[];
  readonly videoFrames: number;
  /** Whether the model is to say once that it is an emulator. */
  readonly discloses: boolean;
  /** Wall time. */
  readonly nowMs: number;
  /** 0…1, seeded. */
  readonly random: () => number;
}

export interface ToolOutcome {
  readonly name: string;
  readonly response: Readonly<Record<string, unknown>>;
}

/**
 * Decides what the emulated model answers. Stateless: all it knows is in the context, so that a resumed or
 * seeded session remembers as much as one that never broke.
 */
export interface Brain {
  /**
   * To the user's words since the last model turn, '' when the client asks for a turn without new words.
   * `understood` is false when speech was heard whose words are not known.
   */
  answer(context: BrainContext, said: string, understood: boolean): Reply;
  /** To what the tools answered. */
  afterTools(context: BrainContext, outcomes: readonly ToolOutcome[]): Reply;
}
