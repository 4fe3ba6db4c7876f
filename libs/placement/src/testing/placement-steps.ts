import fc from 'fast-check';
import type { WorkerState } from '../worker-registry.js';

/** One call of the placement ports, as plain data; `age` lets time go on. */
export type Step =
  | {
      readonly kind: 'place';
      readonly liveId: string;
      readonly scope: string;
      readonly cost: number;
      readonly candidates: readonly string[];
    }
  | {
      readonly kind: 'move';
      readonly liveId: string;
      readonly wrong: boolean;
      readonly candidates: readonly string[];
    }
  /** `wrong`: under an epoch that is not the run's. */
  | { readonly kind: 'activate' | 'release'; readonly liveId: string; readonly wrong: boolean }
  /** `ago`: under how many grants before the newest. */
  | { readonly kind: 'reassert'; readonly liveId: string; readonly ago: number }
  | { readonly kind: 'find'; readonly liveId: string }
  | { readonly kind: 'sweep' | 'fleet' | 'age' }
  | {
      readonly kind: 'register';
      readonly workerId: string;
      readonly next: boolean;
      readonly state: WorkerState;
    }
  /** `old`: as the incarnation before. `hears`: says that it has carried out what it was told last. */
  | {
      readonly kind: 'beat';
      readonly workerId: string;
      readonly old: boolean;
      readonly state: WorkerState;
      readonly load: number;
      readonly hears: boolean;
    }
  | { readonly kind: 'deregister'; readonly workerId: string; readonly old: boolean }
  | {
      readonly kind: 'declareDead';
      readonly workerId: string;
      readonly old: boolean;
      readonly certain: boolean;
    }
  | { readonly kind: 'requestMove'; readonly workerId: string; readonly liveId: string };

/** Few of everything, so that steps meet each other. */
const WORKERS = 4;
const LIVE_RUNS = 16;
const SCOPES = 8;

const workerId = fc.integer({ min: 0, max: WORKERS - 1 }).map((i) => `w${i}`);
const liveId = fc.integer({ min: 0, max: LIVE_RUNS - 1 }).map((i) => `live${i}`);
const scope = fc.integer({ min: 0, max: SCOPES - 1 }).map((i) => `t1/app/user/s${i}`);
const candidates = fc.uniqueArray(workerId, { maxLength: WORKERS });
const cost = fc.constantFrom(25, 100, 200, 400);
const state = fc.constantFrom<WorkerState>(...Array<'ready'>(8).fill('ready'), 'draining', 'full');
const load = fc.integer({ min: 0, max: 90 }).map((percent) => percent / 100);
const rarely = fc.integer({ min: 0, max: 7 }).map((dice) => dice === 0);
const ago = fc.constantFrom(0, 0, 0, 1, 2);

const is = <K extends Step['kind']>(kind: K) => ({ kind: fc.constant(kind) });

export const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ ...is('place'), liveId, scope, cost, candidates }) },
  { weight: 18, arbitrary: fc.record({ ...is('activate'), liveId, wrong: rarely }) },
  { weight: 8, arbitrary: fc.record({ ...is('release'), liveId, wrong: rarely }) },
  { weight: 10, arbitrary: fc.record({ ...is('move'), liveId, wrong: rarely, candidates }) },
  { weight: 7, arbitrary: fc.record({ ...is('reassert'), liveId, ago }) },
  { weight: 5, arbitrary: fc.record({ ...is('find'), liveId }) },
  { weight: 12, arbitrary: fc.record({ ...is('register'), workerId, next: rarely, state }) },
  {
    weight: 12,
    arbitrary: fc.record({ ...is('beat'), workerId, old: rarely, state, load, hears: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ ...is('deregister'), workerId, old: rarely }) },
  { weight: 4, arbitrary: fc.record({ ...is('declareDead'), workerId, old: rarely, certain: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ ...is('requestMove'), workerId, liveId }) },
  { weight: 3, arbitrary: fc.record(is('sweep')) },
  { weight: 4, arbitrary: fc.record(is('fleet')) },
  { weight: 5, arbitrary: fc.record(is('age')) },
);
