import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '@parley-testing/kernel';
import { InMemoryPlacement } from '../in-memory-placement.js';
import type { PlacementTimes, SessionDirectory } from '../session-directory.js';
import type { WorkerRegistry } from '../worker-registry.js';
import { aWish, aWorker, TEST_LEASE_MS, type OpenPlacement } from './placement-fixture.js';
import { aStep, type Step } from './placement-steps.js';

/**
 * Sums of these, of `TEST_LEASE_MS` and of `BURIAL_MS` lie at least 200 s from every multiple of the step by which time
 * goes on, so the time that the test itself takes decides nothing.
 */
const TIMES: PlacementTimes = {
  reservationMs: 1_150_000,
  orphanMs: 1_150_000,
  endedMs: 1_050_000,
  commandMs: 1_050_000,
};
const AGE_STEP_MS = 700_000;
const CAPACITY = 1_000;

/**
 * Plays the same random steps on a store and on `InMemoryPlacement` and compares every answer, epochs by their order.
 * A failure names its seed, and the shortest steps that lead to it.
 */
export function describePlacementModel(
  name: string,
  open: OpenPlacement,
  { runs, seed }: { runs: number; seed: number },
): void {
  describe(`${name} beside the in-memory model`, () => {
    it(`answers ${runs} random sequences of steps alike (seed ${seed})`, { timeout: 300_000 }, async () => {
      const subject = await open(TIMES);
      const steps = fc.array(aStep, { minLength: 30, maxLength: 120, size: 'max' });
      const alike = fc.asyncProperty(steps, async (sequence) => {
        await subject.loseAll();
        const run = new ModelRun(subject);
        for (const step of sequence) {
          await run.play(step);
          if (step.kind === 'age') await subject.age(AGE_STEP_MS);
          if (step.kind === 'sweep') await subject.check?.();
        }
        await run.compareFleet();
        await subject.check?.();
      });
      await fc.assert(alike, { numRuns: runs, seed });
      await subject.close();
    });
  });
}

interface Store {
  readonly registry: WorkerRegistry;
  readonly directory: SessionDirectory;
}

interface Granted {
  /** In the model; `#epochs` knows the subject's. */
  readonly epoch: number;
  readonly workerId: string;
  readonly incarnation: string;
  readonly scope: string;
  readonly cost: number;
}

class ModelRun {
  readonly #clock = new ManualClock();
  readonly #model: Store;
  readonly #subject: Store;
  /** Every epoch of the model, and the subject's for the same grant. */
  readonly #epochs = new Map<number, number>();
  /** All grants of a live run, the newest last. */
  readonly #granted = new Map<string, Granted[]>();
  readonly #incarnations = new Map<string, number>();
  /** Per worker, the serial of what it was told last: the model's and the subject's. */
  readonly #told = new Map<string, readonly [number, number]>();

  constructor(subject: Store) {
    const model = new InMemoryPlacement(this.#clock, TIMES);
    this.#model = { registry: model, directory: model };
    this.#subject = subject;
  }

  async play(step: Step): Promise<void> {
    switch (step.kind) {
      case 'place':
        return this.#place(step);
      case 'move':
        return this.#move(step);
      case 'activate':
      case 'release':
        return this.#same((store, of) =>
          store.directory[step.kind](step.liveId, of(this.#epochOf(step.liveId)) + (step.wrong ? 1 : 0)),
        );
      case 'reassert':
        return this.#reassert(step);
      case 'find':
        await this.#grant((store) => store.directory.find(step.liveId));
        return;
      case 'sweep':
        return this.#same((store) => store.directory.sweep());
      case 'register':
        return this.#register(step);
      case 'beat':
        return this.#beat(step);
      case 'deregister': {
        const incarnation = this.#incarnation(step);
        return this.#same((store) => store.registry.deregister(step.workerId, incarnation));
      }
      case 'declareDead': {
        const incarnation = this.#incarnation(step);
        return this.#same((store) => store.registry.declareDead(step.workerId, incarnation, step));
      }
      case 'requestMove':
        return this.#same((store) => store.registry.requestMove(step.workerId, step.liveId));
      case 'fleet':
        return this.compareFleet();
      case 'age':
        await this.#clock.advance(AGE_STEP_MS);
    }
  }

  async compareFleet(): Promise<void> {
    await this.#same((store) => store.registry.list());
    await this.#same((store) => store.registry.candidates(3));
  }

  async #place({ liveId, scope, cost, candidates }: Extract<Step, { kind: 'place' }>): Promise<void> {
    const wish = aWish(liveId, { scope, cost, candidates });
    const answer = await this.#grant((store) => store.directory.place(wish));
    if (answer?.kind !== 'placed') return;
    // an adopted run keeps the scope and the cost that it had
    const { epoch, workerId, incarnation } = answer;
    const before = this.#granted.get(answer.liveId)?.at(-1);
    if (before?.epoch === epoch) return;
    const adopted = answer.liveId !== liveId ? before : undefined;
    this.#note(answer.liveId, { scope, cost, ...adopted, epoch, workerId, incarnation });
    await this.#neverOversold(workerId);
  }

  async #move({ liveId, wrong, candidates }: Extract<Step, { kind: 'move' }>): Promise<void> {
    const epoch = this.#epochOf(liveId);
    const answer = await this.#grant((store, of) =>
      store.directory.move({ liveId, epoch: of(epoch) + (wrong ? 1 : 0), candidates }),
    );
    const before = this.#granted.get(liveId)?.at(-1);
    if (answer?.kind !== 'moved' || !before) return;
    this.#note(liveId, { ...before, ...answer });
    await this.#neverOversold(answer.workerId);
  }

  async #reassert({ liveId, ago }: Extract<Step, { kind: 'reassert' }>): Promise<void> {
    const grants = this.#granted.get(liveId) ?? [];
    const grant = grants.at(-1 - ago) ?? grants[0];
    if (!grant) return;
    const { epoch, workerId, incarnation, scope, cost } = grant;
    const claim = aWish(liveId, { scope, cost });
    await this.#same((store, of) =>
      store.directory.reassert({ ...claim, workerId, incarnation, epoch: of(epoch) }),
    );
  }

  async #register({ workerId, next, state }: Extract<Step, { kind: 'register' }>): Promise<void> {
    const number = (this.#incarnations.get(workerId) ?? 0) + (next ? 1 : 0);
    this.#incarnations.set(workerId, number);
    const worker = aWorker(workerId, { incarnation: `i${number}`, capacity: CAPACITY, state });
    await this.#same((store) => store.registry.register(worker));
  }

  async #beat(step: Extract<Step, { kind: 'beat' }>): Promise<void> {
    const { workerId, state, load, hears } = step;
    const beat = { workerId, incarnation: this.#incarnation(step), state, load, leaseMs: TEST_LEASE_MS };
    const [heardByModel, heardBySubject] = hears ? (this.#told.get(workerId) ?? [0, 0]) : [0, 0];
    const expected = await this.#model.registry.heartbeat({ ...beat, heard: heardByModel });
    const answer = await this.#subject.registry.heartbeat({ ...beat, heard: heardBySubject });
    expect({ ...answer, serial: 'some' }).toEqual({ ...expected, serial: 'some' });
    if (expected.kind !== 'ok' || answer.kind !== 'ok') return;
    expect(answer.serial > 0).toBe(expected.serial > 0);
    this.#told.set(workerId, [expected.serial, answer.serial]);
  }

  /** Compares answers that carry a grant, and says what the model's was. */
  async #grant<T extends object>(
    ask: (store: Store, of: (epoch: number) => number) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const expected = await ask(this.#model, (epoch) => epoch);
    const answer = await ask(this.#subject, (epoch) => this.#epochs.get(epoch) ?? epoch);
    expect(answer && { ...answer, epoch: 'some' }).toEqual(expected && { ...expected, epoch: 'some' });
    if (!expected || !answer || !hasEpoch(expected) || !hasEpoch(answer)) return expected;
    const known = this.#epochs.get(expected.epoch);
    if (known === undefined) {
      expect(expected.epoch).toBeGreaterThan(Math.max(0, ...this.#epochs.keys()));
      expect(answer.epoch).toBeGreaterThan(Math.max(0, ...this.#epochs.values()));
      this.#epochs.set(expected.epoch, answer.epoch);
    } else {
      expect(answer.epoch).toBe(known);
    }
    return expected;
  }

  async #same<T>(ask: (store: Store, of: (epoch: number) => number) => Promise<T>): Promise<void> {
    const expected = await ask(this.#model, (epoch) => epoch);
    expect(await ask(this.#subject, (epoch) => this.#epochs.get(epoch) ?? epoch)).toEqual(expected);
  }

  /** What runs may be re-asserted beyond capacity; what is granted never goes there. */
  async #neverOversold(workerId: string): Promise<void> {
    const worker = (await this.#model.registry.list()).find((record) => record.workerId === workerId);
    expect(worker?.used).toBeLessThanOrEqual(CAPACITY);
  }

  #note(liveId: string, grant: Granted): void {
    this.#granted.set(liveId, [...(this.#granted.get(liveId) ?? []), grant]);
  }

  #epochOf(liveId: string): number {
    return this.#granted.get(liveId)?.at(-1)?.epoch ?? 1;
  }

  #incarnation({ workerId, old }: { readonly workerId: string; readonly old: boolean }): string {
    return `i${Math.max(0, (this.#incarnations.get(workerId) ?? 0) - (old ? 1 : 0))}`;
  }
}

function hasEpoch(answer: object): answer is { readonly epoch: number } {
  return 'epoch' in answer && typeof answer.epoch === 'number';
}
