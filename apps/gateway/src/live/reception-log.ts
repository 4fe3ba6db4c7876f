import { DOWN_KIND, type DownControl, type Reception, type ResumeRequest } from '@parley/wire';

/** Stored events that a next owner may still have to recognise: far more than happen within one failover. */
const MAX_SEEN = 256;

type Played = NonNullable<Reception['played']>;

/**
 * What has come of a run so far, as a next owner of it must know it.
 *
 * 1. Numbers and turns only rise.
 * 2. A turn is open from its first audio until its end or its interruption.
 */
export class ReceptionLog {
  readonly #seen = new Set<string>();
  #greeted = false;
  #seq = 0;
  #turn = 0;
  #turnOpen = false;
  #played: Played | undefined;

  /** As a client that comes back tells it. */
  static of(resume: ResumeRequest): ReceptionLog {
    const log = new ReceptionLog();
    log.#greeted = true;
    log.#seq = resume.seq;
    for (const id of resume.seen ?? []) log.#seen.add(id);
    log.#played = resume.played;
    log.#turn = Math.max(resume.turn ?? 0, resume.played?.turn ?? 0);
    log.#turnOpen = resume.turnOpen ?? false;
    return log;
  }

  /** Not even `ready` has come yet. */
  get isEmpty(): boolean {
    return !this.#greeted;
  }

  control(control: DownControl): void {
    this.#seq = Math.max(this.#seq, control.seq);
    if (control.id !== '' && control.seq > 0) this.#remember(control.id);
    const { kind, turn } = control;
    if (kind === DOWN_KIND.ready || kind === DOWN_KIND.resumed) this.#greeted = true;
    if (kind === DOWN_KIND.turnComplete || kind === DOWN_KIND.interrupted) {
      if (turn >= this.#turn) this.#turnOpen = false;
    }
    if (kind === DOWN_KIND.message || kind === DOWN_KIND.turnComplete || kind === DOWN_KIND.interrupted) {
      this.#turn = Math.max(this.#turn, turn);
    }
  }

  audio(turn: number): void {
    this.#turn = Math.max(this.#turn, turn);
    this.#turnOpen = true;
  }

  played(played: Played): void {
    this.#played = played;
  }

  tell(break_: Pick<Reception, 'cause' | 'goneMs' | 'speechFollows'>): Reception {
    return {
      ...break_,
      seq: this.#seq,
      seen: [...this.#seen],
      turn: this.#turn,
      turnOpen: this.#turnOpen,
      ...(this.#played === undefined ? {} : { played: this.#played }),
    };
  }

  #remember(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size <= MAX_SEEN) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }
}
