import { describe, expect, it } from 'vitest';
import { ManualClock } from '@parley-testing/kernel';
import { InMemoryPlacement } from '../in-memory-placement.js';
import type { SessionDirectory } from '../session-directory.js';
import type { WorkerRegistry, WorkerState } from '../worker-registry.js';
import { aWish, aWorker, TEST_LEASE_MS, type OpenPlacement } from './placement-fixture.js';

interface Store {
  readonly registry: WorkerRegistry;
  readonly directory: SessionDirectory;
}

/** What the stores have granted for one live run: epochs differ between them, so each keeps its own. */
interface Granted {
  readonly epochs: readonly [number, number];
  readonly incarnation: string;
  readonly workerId: string;
  readonly scope: string;
  readonly cost: number;
}

/** Deadlines lie at least 200 s from any sum of these steps, so the time that the test itself takes decides nothing. */
const AGE_STEP_MS = 700_000;
const RESERVED_MS = 1_000_000;
const WORKERS = 5;
const LIVE_RUNS = 60;
const SCOPES = 30;
const CAPACITY = 1_000;

/**
 * Plays the same random steps on a store and on `InMemoryPlacement` and compares every answer, epochs by their order.
 * The seed is in the test's title; the step is in the message of a failure.
 */
export function describePlacementModel(
  name: string,
  open: OpenPlacement,
  { steps, seed }: { steps: number; seed: number },
): void {
  describe(`${name} beside the in-memory model`, () => {
    it(`answers ${steps} random steps alike (seed ${seed})`, { timeout: 300_000 }, async () => {
      const subject = await open({ reservationMs: RESERVED_MS });
      const run = new ModelRun(subject, seed);
      for (let step = 0; step < steps; step += 1) {
        await run.step(step, (ms) => subject.age(ms));
        if (step % 25 === 0) {
          await run.compareFleet(step);
          await subject.check?.();
        }
      }
      await run.compareFleet(steps);
      await subject.check?.();
      await subject.close();
    });
  });
}

class ModelRun {
  readonly #clock = new ManualClock();
  readonly #stores: readonly [Store, Store];
  readonly #granted = new Map<string, Granted>();
  readonly #incarnations = new Map<string, number>();
  readonly #highest: [number, number] = [0, 0];
  #random: number;

  constructor(subject: Store, seed: number) {
    const model = new InMemoryPlacement(this.#clock, { reservationMs: RESERVED_MS });
    this.#stores = [{ registry: model, directory: model }, subject];
    this.#random = seed;
  }

  async step(step: number, ageSubject: (ms: number) => Promise<void>): Promise<void> {
    const dice = this.#below(100);
    if (dice < 38) return this.#place(step);
    if (dice < 53) return this.#withGrant(step, 'activate');
    if (dice < 67) return this.#withGrant(step, 'release');
    if (dice < 79) return this.#beat(step);
    if (dice < 86) return this.#register(step);
    if (dice < 91) return this.#reassert(step);
    if (dice < 93) return this.#deregister(step);
    if (dice < 95) return this.#find(step);
    if (dice < 97) return this.#same(step, 'sweep', (store) => store.directory.sweep());
    await this.#clock.advance(AGE_STEP_MS);
    await ageSubject(AGE_STEP_MS);
  }

  async compareFleet(step: number): Promise<void> {
    await this.#same(step, 'list', (store) => store.registry.list());
    await this.#same(step, 'candidates', (store) => store.registry.candidates(3));
    for (const worker of await this.#stores[0].registry.list()) {
      expect(worker.used, `step ${step}: ${worker.workerId}`).toBeGreaterThanOrEqual(0);
    }
  }

  async #place(step: number): Promise<void> {
    const candidates = Array.from({ length: this.#below(4) }, () => this.#workerId());
    const wish = aWish(this.#liveId(), {
      scope: `t1/app/user/s${this.#below(SCOPES)}`,
      cost: [25, 100, 200][this.#below(3)] ?? 100,
      candidates: [...new Set(candidates)],
    });
    const [expected, answer] = await this.#both((store) => store.directory.place(wish));
    expect(withoutEpoch(answer), `step ${step}: place ${wish.liveId}`).toEqual(withoutEpoch(expected));
    if (expected.kind === 'full' || answer.kind === 'full') return;
    const known = this.#granted.get(expected.liveId);
    const again = known?.epochs[0] === expected.epoch;
    if (again) {
      expect(answer.epoch, `step ${step}: epoch of a repeated grant`).toBe(known.epochs[1]);
      return;
    }
    expect(expected.kind).toBe('placed');
    this.#rises(step, [expected.epoch, answer.epoch]);
    const { workerId, incarnation } = expected;
    const epochs = [expected.epoch, answer.epoch] as const;
    this.#granted.set(wish.liveId, { epochs, workerId, incarnation, scope: wish.scope, cost: wish.cost });
  }

  async #withGrant(step: number, action: 'activate' | 'release'): Promise<void> {
    const liveId = this.#liveId();
    const epochs = this.#granted.get(liveId)?.epochs ?? [1, 1];
    const error = this.#below(8) === 0 ? 1 : 0;
    await this.#same(step, `${action} ${liveId}`, (store, i) =>
      store.directory[action](liveId, epochs[i] + error),
    );
  }

  async #reassert(step: number): Promise<void> {
    const liveId = this.#liveId();
    const granted = this.#granted.get(liveId);
    if (!granted) return;
    const { workerId, incarnation, scope, cost, epochs } = granted;
    await this.#same(step, `reassert ${liveId}`, (store, i) =>
      store.directory.reassert({
        ...{ liveId, workerId, incarnation, scope, cost },
        tenantId: 't1',
        epoch: epochs[i],
      }),
    );
  }

  async #register(step: number): Promise<void> {
    const workerId = this.#workerId();
    const next = (this.#incarnations.get(workerId) ?? 0) + (this.#below(3) === 0 ? 1 : 0);
    this.#incarnations.set(workerId, next);
    const worker = aWorker(workerId, { incarnation: `i${next}`, capacity: CAPACITY, state: this.#state() });
    await this.#same(step, `register ${workerId}`, (store) => store.registry.register(worker));
  }

  async #beat(step: number): Promise<void> {
    const workerId = this.#workerId();
    const beat = {
      workerId,
      incarnation: `i${Math.max(0, (this.#incarnations.get(workerId) ?? 0) - (this.#below(6) === 0 ? 1 : 0))}`,
      state: this.#state(),
      load: this.#below(90) / 100,
      leaseMs: TEST_LEASE_MS,
    };
    await this.#same(step, `heartbeat ${workerId}`, (store) => store.registry.heartbeat(beat));
  }

  async #deregister(step: number): Promise<void> {
    const workerId = this.#workerId();
    const incarnation = `i${this.#incarnations.get(workerId) ?? 0}`;
    await this.#same(step, `deregister ${workerId}`, (store) =>
      store.registry.deregister(workerId, incarnation),
    );
  }

  async #find(step: number): Promise<void> {
    const liveId = this.#liveId();
    const [expected, answer] = await this.#both((store) => store.directory.find(liveId));
    expect(withoutEpoch(answer), `step ${step}: find ${liveId}`).toEqual(withoutEpoch(expected));
  }

  async #same<T>(step: number, what: string, ask: (store: Store, index: 0 | 1) => Promise<T>): Promise<void> {
    const [expected, answer] = await this.#both(ask);
    expect(answer, `step ${step}: ${what}`).toEqual(expected);
  }

  async #both<T>(ask: (store: Store, index: 0 | 1) => Promise<T>): Promise<readonly [T, T]> {
    return [await ask(this.#stores[0], 0), await ask(this.#stores[1], 1)];
  }

  #rises(step: number, epochs: readonly [number, number]): void {
    for (const i of [0, 1] as const) {
      expect(epochs[i], `step ${step}: epoch`).toBeGreaterThan(this.#highest[i]);
      this.#highest[i] = epochs[i];
    }
  }

  #state(): WorkerState {
    return (['draining', 'full'] as const)[this.#below(12)] ?? 'ready';
  }

  #workerId(): string {
    return `w${this.#below(WORKERS)}`;
  }

  #liveId(): string {
    return `live${this.#below(LIVE_RUNS)}`;
  }

  /** A whole number in 0…limit-1; the same sequence for the same seed. */
  #below(limit: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % limit;
  }
}

function withoutEpoch<T extends object>(answer: T | undefined): object | undefined {
  return answer === undefined ? undefined : { ...answer, epoch: 'some' };
}
