import { getEventListeners } from 'node:events';
import { startEmulator, type Fault, type RunningEmulator } from '@parley/emulator';
import { FunctionTool } from '@parley/live';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CountingClock } from '../../libs/gemini/src/testing/counting-clock.js';
import { ModelLine } from '../support/model-line.js';

/** A multiple of the number of faults. */
const CYCLES = 1_000;

/** Every fault once, and what tells that it has done its work. */
const FAULTS: readonly (readonly [Fault, 'refused' | 'lost' | 'ended' | 'answered'])[] = [
  [{ kind: 'refuseUpgrade' }, 'refused'],
  [{ kind: 'ignoreUpgrade' }, 'refused'],
  [{ kind: 'quota', sessions: 0 }, 'refused'],
  [{ kind: 'quota', sessions: 0, status: 0 }, 'refused'],
  [{ kind: 'closeBeforeSetup' }, 'refused'],
  [{ kind: 'noSetupComplete' }, 'refused'],
  [{ kind: 'close', code: 1007, reason: 'Request contains an invalid argument.' }, 'ended'],
  [{ kind: 'close' }, 'lost'],
  [{ kind: 'reset' }, 'lost'],
  [{ kind: 'halfOpen' }, 'lost'],
  [{ kind: 'stall' }, 'lost'],
  [{ kind: 'goAway' }, 'lost'],
  [{ kind: 'oversizedFrame', bytes: 17 * 1024 * 1024 }, 'lost'],
  [{ kind: 'malformedJson' }, 'answered'],
  [{ kind: 'flipFrames' }, 'answered'],
  [{ kind: 'duplicateTurnComplete' }, 'answered'],
  [{ kind: 'missingGenerationComplete' }, 'answered'],
  [{ kind: 'lateTranscript' }, 'answered'],
  [{ kind: 'toolCallWithoutId' }, 'answered'],
  [{ kind: 'slowReader' }, 'answered'],
];

describe('a thousand calls that meet a fault of the provider', () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    emulator = await startEmulator({
      behaviour: { thinkMs: 0, thinkJitterMs: 0, speed: 1_000, turnEnds: 'immediate', discloses: false },
      eventsPerSession: 0,
    });
  });
  afterAll(() => emulator.close());

  it('leave no socket, timer or listener behind', { timeout: 300_000 }, async () => {
    const clock = new CountingClock();
    const before = listenersOfProcess();
    const warnings: string[] = [];
    const warned = (warning: Error): unknown => warnings.push(warning.message);
    process.on('warning', warned);
    const { signal } = new AbortController();
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const [fault, outcome] = FAULTS[cycle % FAULTS.length] ?? [];
      if (!fault || !outcome) break;
      await oneCall(fault, outcome, clock, signal);
    }
    // Where it does not read, the emulator's end of a connection stays; ours are gone.
    const unread = FAULTS.filter(([{ kind }]) => kind === 'halfOpen').length;
    await until('ours are gone', () => openSockets() === (unread * CYCLES) / FAULTS.length);
    await emulator.close();
    await until('all are gone', () => openSockets() === 0);
    process.off('warning', warned);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(listenersOfProcess()).toEqual(before);
    expect(warnings).toEqual([]);
    expect(emulator.stats.sessionsOpened).toBe(emulator.stats.sessionsClosed);
  });

  async function oneCall(
    fault: Fault,
    outcome: (typeof FAULTS)[number][1],
    clock: CountingClock,
    signal: AbortSignal,
  ): Promise<void> {
    emulator.control.setFaults([{ fault }]);
    const silent = fault.kind === 'ignoreUpgrade' || fault.kind === 'noSetupComplete';
    const line = new ModelLine({
      baseUrl: emulator.url,
      clock,
      signal,
      tools: [weather],
      ...(silent ? {} : { connectTimeoutMs: 3_600_000 }),
    });
    const passing = async (what: string, done: () => boolean): Promise<void> =>
      until(`${what} after ${JSON.stringify(fault)}`, async () => {
        if (!done()) await clock.advance(500);
        return done();
      });
    if (silent) await until('the attempt', () => clock.running > 0);
    await passing('the set-up or the end', () => line.ready || line.ended);
    // The connection has its fault; none that follows gets one.
    emulator.control.setFaults([]);
    expect(line.ready).toBe(outcome !== 'refused');
    line.type('What is the weather in Paris?');
    if (outcome === 'ended') await passing('the end', () => line.ended);
    if (outcome === 'lost')
      await passing('the new connection', () => line.facts.some(({ kind }) => kind === 'resumed'));
    if (outcome === 'answered')
      await passing('the answer', () => line.events.some((event) => event.turnComplete));
    line.hangUp();
    await passing('the end', () => line.ended);
    await line.close();
    // What gives up by itself soon after a run is no leak.
    await clock.advance(100);
    await until(`no timer runs after ${JSON.stringify(fault)}`, () => clock.running === 0);
  }
});

const weather = new FunctionTool({
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  execute: () => ({ sky: 'sunny' }),
});

/** Both ends of each connection are in this process. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

function listenersOfProcess(): Readonly<Record<string, number>> {
  return Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
}

/** Looks more often than most tests need to: there are thousands of waits. */
function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await holds())) throw new Error(`waited in vain for ${what}`);
    },
    { interval: 1, timeout: 20_000 },
  );
}
