import { Caller, type CallerOptions } from './caller.js';
import type { Cluster } from './cluster.js';
import { noteModelSessions, noteSessions } from './final-state.js';
import { History } from './history.js';
import { MachineLag, type Lag } from './machine-lag.js';
import { Observer } from './observer.js';
import type { SeededRandom } from './seeded-random.js';
import { WordSource } from './seeded-random.js';

const CALLS_AT_ONCE = 8;

export interface PartyOptions {
  readonly cluster: Cluster;
  readonly random: SeededRandom;
  readonly sessions: number;
  readonly historyFile: string;
  readonly patienceMs: number;
  readonly pause: CallerOptions['pause'];
}

/**
 * All callers of a run with whoever watches them: called in, talking, asked at the end what they have told, and noted
 * down to the last stored event.
 */
export class Party {
  readonly history: History;
  readonly callers: readonly Caller[];
  readonly observer: Observer;
  readonly #cluster: Cluster;
  readonly #lag = new MachineLag();
  readonly #over = new AbortController();
  #talking: Promise<unknown> = Promise.resolve();

  constructor({ cluster, random, sessions, historyFile, patienceMs, pause }: PartyOptions) {
    this.#cluster = cluster;
    const history = new History(historyFile);
    this.history = history;
    const words = new WordSource(random.fork());
    this.callers = Array.from({ length: sessions }, (_, n) => {
      const name = `caller-${n + 1}`;
      const { gateways } = cluster;
      return new Caller({ name, gateways, history, random: random.fork(), words, patienceMs, pause });
    });
    this.observer = new Observer({ cluster, callers: () => this.callers, history, random: random.fork() });
  }

  /** Everyone calls and tells his fact. */
  async begin(): Promise<void> {
    this.observer.start();
    const waiting = [...this.callers];
    const callIn = async (): Promise<void> => {
      for (let caller = waiting.shift(); caller; caller = waiting.shift()) {
        await caller.call(this.#cluster.api);
        await caller.tellFact();
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, callIn));
  }

  /** Everyone but the first `silent` callers talks, until `hush`. */
  talk(silent = 0): void {
    const talkers = this.callers.slice(silent);
    this.#talking = Promise.all(talkers.map((caller) => caller.talk(this.#over.signal)));
  }

  async hush(): Promise<void> {
    this.#over.abort();
    await this.#talking;
  }

  /** Everyone is asked for his fact, hangs up, and what is stored is noted. Resolves with this machine's lag. */
  async finish(): Promise<Lag> {
    await Promise.all(this.callers.filter((caller) => !caller.closed).map((caller) => caller.askFact()));
    await noteModelSessions(this.#cluster, this.callers, this.history);
    const lag = this.#lag.stop();
    await Promise.all(this.callers.filter((caller) => !caller.closed).map((caller) => caller.end()));
    await this.observer.close();
    await noteSessions(this.#cluster, this.callers, this.history);
    await this.history.close();
    return lag;
  }
}
