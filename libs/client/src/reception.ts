import { MAX_SEEN_IDS, type ResumeRequest } from '@parley/wire';
import type { LiveStats } from './live-events.js';

/** As the protocol has it for `hello`. */
const MAX_ID_CHARS = 128;

/**
 * What has come down in a call, over all of its lines: enough to ask for the rest after a break, and to know again
 * what comes twice.
 *
 * 1. `event` and `frame` admit each number once and in order; holes are counted, unless the server announced one.
 * 2. Frames are numbered within their turn; once one of a turn has come, those of earlier turns are old.
 */
export class Reception {
  #seq: number | undefined;
  #holeAnnounced = false;
  #seen: string[] = [];
  #turn = -1;
  #nextFrame = 0;
  #receivedMs = 0;
  #told = { turn: 0, open: false };
  #reported: { readonly turn: number; readonly ms: number } | undefined;
  #missingEvents = 0;
  #missingFrames = 0;
  #duplicateFrames = 0;

  get counts(): Pick<LiveStats, 'missingEvents' | 'missingFrames' | 'duplicateFrames'> {
    return {
      missingEvents: this.#missingEvents,
      missingFrames: this.#missingFrames,
      duplicateFrames: this.#duplicateFrames,
    };
  }

  /** The newest turn of which audio has come; -1 before the first. */
  get audioTurn(): number {
    return this.#turn;
  }

  /** False for an event that has come before. */
  event(seq: number): boolean {
    if (this.#seq !== undefined) {
      if (seq <= this.#seq) return false;
      if (!this.#holeAnnounced) this.#missingEvents += seq - this.#seq - 1;
    }
    this.#holeAnnounced = false;
    this.#seq = seq;
    return true;
  }

  /** Something of a turn was told; `over` when it was its end. */
  turnTold(turn: number, over: boolean): void {
    if (turn < this.#told.turn) return;
    const open = turn === this.#told.turn && this.#told.open;
    this.#told = { turn, open: open && !over };
  }

  /** The events up to the next one are lost, as the server says itself. */
  announceHole(): void {
    this.#holeAnnounced = true;
  }

  /** An event with this id is in the session. */
  stored(id: string): void {
    if (id === '' || id.length > MAX_ID_CHARS) return;
    this.#seen.push(id);
    if (this.#seen.length > MAX_SEEN_IDS) this.#seen.shift();
  }

  /** False for a frame that has come before. `endMs`: position of its end within the turn. */
  frame(turn: number, seq: number, endMs: number): boolean {
    if (turn < this.#turn || (turn === this.#turn && seq < this.#nextFrame)) {
      this.#duplicateFrames += 1;
      return false;
    }
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#nextFrame = 0;
    }
    this.#missingFrames += seq - this.#nextFrame;
    this.#nextFrame = seq + 1;
    this.#receivedMs = endMs;
    if (turn >= this.#told.turn) this.#told = { turn, open: true };
    return true;
  }

  /** The caller's player says how far a turn was heard. */
  played(turn: number, ms: number): void {
    this.#reported = { turn, ms };
  }

  /** What the server must know to go on from here. `unplayedMs`: audio that came and can not have been heard yet. */
  resumeRequest(unplayedMs: number): Omit<ResumeRequest, 'token'> {
    const played = this.#heard(unplayedMs);
    const { turn, open: turnOpen } = this.#told;
    return { seq: this.#seq ?? 0, ...(played ? { played } : {}), seen: [...this.#seen], turn, turnOpen };
  }

  /** As reported; failing that, as if all that came was played as it came. */
  #heard(unplayedMs: number): ResumeRequest['played'] {
    if (this.#reported && this.#reported.turn >= this.#turn) return this.#reported;
    if (this.#turn < 0) return undefined;
    return { turn: this.#turn, ms: Math.max(0, Math.round(this.#receivedMs - unplayedMs)) };
  }
}
