import type { Event } from '@parley/event';
import { startEmulator, type Fault, type RunningEmulator } from '@parley/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CountingClock } from '../../libs/gemini/src/testing/counting-clock.js';
import { ModelLine, type ModelLineOptions } from '../support/model-line.js';
import { until } from '../support/until.js';

const DEADLINE_MS = 5_000;
const NEVER_MS = 86_400_000;
const TOLD = 'Hello, my name is Alice.';

/**
 * A provider that falls silent shows only when a time is over that is longer than a test should wait, so these run
 * in this process, where the time of the run and of its connection can be made to pass.
 */
describe('a provider that says nothing', () => {
  let emulator: RunningEmulator;
  let line: ModelLine | undefined;
  beforeAll(async () => {
    emulator = await startEmulator({
      behaviour: { thinkMs: 0, thinkJitterMs: 0, speed: 20, turnEnds: 'immediate', discloses: false },
    });
  });
  afterEach(async () => {
    await line?.close();
    emulator.control.setFaults([]);
  });
  afterAll(() => emulator.close());

  /** A run whose first connection meets the fault. */
  function strike(
    fault: Fault | undefined,
    clock: CountingClock,
    options: Partial<ModelLineOptions> = {},
  ): ModelLine {
    if (fault) emulator.control.setFaults([{ fault }]);
    line = new ModelLine({ baseUrl: emulator.url, clock, ...options });
    return line;
  }

  it.each([{ kind: 'ignoreUpgrade' }, { kind: 'noSetupComplete' }] satisfies Fault[])(
    '%j to a first connection is given up after ten seconds, and told',
    async (fault) => {
      const clock = new CountingClock();
      const struck = strike(fault, clock);
      await until('the attempt', () => clock.running > 0);
      await clock.advance(9_900);
      expect(struck.ended).toBe(false);
      await clock.advance(100);
      await until('the end', () => struck.ended, DEADLINE_MS);
      expect(struck.events).toMatchObject([
        { errorCode: 'provider_unavailable', errorDetails: { scope: 'session', retryable: true } },
      ]);
      expect(struck.failure).toMatchObject({ code: 'provider_unavailable', retryable: true });
      expect(clock.running).toBe(0);
    },
  );

  /** Resolves when time has passed until the run goes on over a new connection, with why it had to. */
  async function replaced(struck: ModelLine, clock: CountingClock): Promise<unknown> {
    const facts = (): ModelLine['facts'] => struck.facts.filter(({ kind }) => kind === 'resumed');
    await until('another connection', async () => {
      if (facts().length === 0) await clock.advance(500);
      return facts().length > 0;
    });
    return facts()[0];
  }

  async function answered(struck: ModelLine): Promise<void> {
    await until('the answer', () => struck.events.some((event) => event.turnComplete), DEADLINE_MS);
    expect(struck.events.filter((event) => event.errorCode ?? event.liveSessionRestarted)).toEqual([]);
  }

  it.each([{ kind: 'halfOpen' }, { kind: 'stall' }] satisfies Fault[])(
    '%j in an answer is noticed after twenty seconds, and the answer given on a new connection',
    async (fault) => {
      const clock = new CountingClock();
      const struck = strike(fault, clock, { connectTimeoutMs: NEVER_MS });
      await until('the call is up', () => struck.ready);
      emulator.control.setFaults([]);
      struck.type(TOLD);
      await until('the fault', () => struck.events.some(isAudio));
      expect(await replaced(struck, clock)).toMatchObject({ reason: 'stalled' });
      expect(clock.monotonicMs()).toBeLessThan(25_000);
      await answered(struck);
    },
  );

  it('that is half open between two turns is noticed by its missing pongs, and the call goes on', async () => {
    const clock = new CountingClock();
    const struck = strike(undefined, clock, { connectTimeoutMs: NEVER_MS });
    await until('the handle', () => struck.facts.some(({ kind }) => kind === 'handle'));
    for (const { id } of emulator.sessions()) emulator.control.strike(id, { kind: 'halfOpen' });
    expect(await replaced(struck, clock)).toMatchObject({ reason: 'lost' });
    expect(clock.monotonicMs()).toBeLessThan(90_000);
    struck.type(TOLD);
    await answered(struck);
  });
});

function isAudio({ content }: Event): boolean {
  return content?.parts.some((part) => part.inlineData) ?? false;
}
