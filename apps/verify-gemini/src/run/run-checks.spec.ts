import { capabilitiesOf } from '@parley/gemini';
import { systemClock } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { passed, type Check } from '../check.js';
import { Redactor } from './redactor.js';
import { runChecks, type RunOptions } from './run-checks.js';
import { Spending } from './spending.js';
import { geminiTarget } from './target.js';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

function check(name: string, run: Check['run'], more: Partial<Check> = {}): Check {
  return { name, question: `${name}?`, deadlineMs: 5_000, run, ...more };
}

async function results(checks: readonly Check[], options: Partial<RunOptions> = {}) {
  return runChecks({
    checks,
    situation: {
      target: geminiTarget('gemini', 'a-key-of-nobody', NOWHERE),
      model: 'gemini-3.8-live',
      capabilities: capabilitiesOf('gemini-3.8-live'),
      lines: undefined,
      waitForGoAway: false,
    },
    clock: systemClock,
    spending: new Spending({ sessions: 10, spokenMs: 1_000 }),
    redactor: new Redactor(),
    parallel: 2,
    pauseMs: 0,
    deadlineMs: undefined,
    signal: new AbortController().signal,
    onResult: () => undefined,
    ...options,
  });
}

describe('a run of checks', () => {
  it('goes on after one that fails, throws or never ends, in the order of the list', async () => {
    const found = await results([
      check('throws', () => Promise.reject(new TypeError('a mistake'))),
      check('hangs', () => new Promise(() => undefined), { deadlineMs: 20 }),
      check('not-here', () => Promise.resolve(passed('never')), { notHere: () => 'no reason' }),
      check('works', () => Promise.resolve(passed('yes', { ms: 1 }))),
    ]);
    expect(found.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'throws fail',
      'hangs fail',
      'not-here not applicable',
      'works pass',
    ]);
    expect(found[0]?.says).toContain('a mistake');
    expect(found[1]?.says).toBe('no answer within 0.02 s');
  });

  it('aborts what a check has open when it is over', async () => {
    let signal: AbortSignal | undefined;
    await results([
      check('opens', (run) => {
        signal = run.signal;
        return Promise.resolve(passed('done'));
      }),
    ]);
    expect(signal?.aborted).toBe(true);
  });

  it('stops asking for sessions after three that could not be had', async () => {
    const open = (name: string): Check => check(name, async (run) => (await run.open()) && passed('open'));
    const found = await results([open('one'), open('two'), open('three'), open('four')], { parallel: 1 });
    expect(found.map(({ verdict }) => verdict)).toEqual(['fail', 'fail', 'fail', 'fail']);
    expect(found[0]?.says).toContain('ECONNREFUSED');
    expect(found[3]?.says).toContain('not asked: the last 3 sessions');
  });

  it('opens no more sessions than it may', async () => {
    const open = check('opens', async (run) => (await run.attempt()) && passed('asked'));
    const spending = new Spending({ sessions: 1, spokenMs: 0 });
    const found = await results([open, { ...open, name: 'again' }], { spending, parallel: 1 });
    expect(found.map(({ says }) => says)).toEqual(['asked', 'not asked: the run may open 1 sessions']);
  });

  it('asks nothing more once it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(
      await results([check('late', () => Promise.resolve(passed('no')))], { signal: stop.signal }),
    ).toEqual([]);
  });
});
