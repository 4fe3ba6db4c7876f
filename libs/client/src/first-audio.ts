import type { LatencyMessage } from '@parley/wire';

/** How long the caller waited, as the caller felt it: from the end of the input to the first audio that came. */
export interface FirstAudio {
  readonly turn: number;
  /** Whole milliseconds. */
  readonly waitedMs: number;
  readonly trigger: LatencyMessage['trigger'];
}

/** Times the first audio of each turn against the last thing that the caller (or a tool) put in. */
export class FirstAudioStopwatch {
  #input: { readonly atMs: number; readonly trigger: FirstAudio['trigger'] } | undefined;
  #turn = -1;

  inputAt(atMs: number, trigger: FirstAudio['trigger']): void {
    this.#input = { atMs, trigger };
  }

  /** Undefined but for the first audio of a turn, and when nothing was put in since the turn before. */
  audioAt(atMs: number, turn: number): FirstAudio | undefined {
    if (turn <= this.#turn) return undefined;
    this.#turn = turn;
    const input = this.#input;
    this.#input = undefined;
    return input && { turn, waitedMs: Math.max(0, Math.round(atMs - input.atMs)), trigger: input.trigger };
  }
}
