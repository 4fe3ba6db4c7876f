import { FAULTS, startEmulator, type Fault, type FaultKind, type RunningEmulator } from '@parley/emulator';
import type { ErrorCode } from '@parley/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../support/caller.js';
import { ModelLine } from '../support/model-line.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

/** From a fault to the answer, or to a clear error, where nothing has to be waited for first. */
const DEADLINE_MS = 5_000;
const TOLD = 'Hello, my name is Alice.';
const ACTIVE = 'live_sessions_active';
const INVALID = 'Request contains an invalid argument.';

/** First connections that fail. They are not tried again: whoever calls decides. */
const REFUSED: readonly (readonly [Fault, ErrorCode, boolean])[] = [
  [{ kind: 'refuseUpgrade', status: 401 }, 'provider_config', false],
  [{ kind: 'refuseUpgrade', status: 403 }, 'provider_config', false],
  [{ kind: 'refuseUpgrade', status: 404 }, 'provider_config', false],
  [{ kind: 'refuseUpgrade', status: 429 }, 'provider_quota', true],
  [{ kind: 'refuseUpgrade', status: 503 }, 'provider_unavailable', true],
  [{ kind: 'quota', sessions: 0 }, 'provider_quota', true],
  [{ kind: 'quota', sessions: 0, status: 0 }, 'provider_quota', false],
  [{ kind: 'closeBeforeSetup' }, 'provider_unavailable', true],
  [{ kind: 'closeBeforeSetup', code: 1007, reason: 'API key not valid.' }, 'provider_config', false],
  [{ kind: 'closeBeforeSetup', code: 1008, reason: 'models/x is not found.' }, 'provider_config', false],
];

/** Sessions that can not go on. */
const ENDED: readonly (readonly [Fault, ErrorCode, number])[] = [
  [{ kind: 'close', code: 1007, reason: INVALID }, 'provider_config', 1007],
  [{ kind: 'close', code: 1011, reason: 'You exceeded your current quota.' }, 'provider_quota', 1011],
];

/** Connections that are lost in the middle of an answer, which is asked for again. */
const CUT: readonly Fault[] = [
  { kind: 'close' },
  { kind: 'close', code: 1000, reason: '' },
  { kind: 'close', code: 1008, reason: 'Operation is not implemented, or supported, or enabled.' },
  { kind: 'reset' },
  { kind: 'goAway' },
  { kind: 'oversizedFrame' },
];

/** Noticed only when a time is over that is longer than a test should wait: provider-silence.spec.ts. */
const SILENT: readonly FaultKind[] = ['ignoreUpgrade', 'noSetupComplete', 'halfOpen', 'stall'];

/** What a client does not notice. */
const HARMLESS: readonly Fault[] = [
  { kind: 'malformedJson' },
  { kind: 'flipFrames' },
  { kind: 'duplicateTurnComplete' },
  { kind: 'missingGenerationComplete' },
  { kind: 'lateTranscript' },
  { kind: 'toolCallWithoutId' },
  { kind: 'slowReader' },
];

describe('a fault of the provider, seen through the whole service,', () => {
  let emulator: RunningEmulator;
  let service: Service;
  const callers: Caller[] = [];
  beforeAll(async () => {
    emulator = await startEmulator({
      behaviour: { thinkMs: 50, thinkJitterMs: 0, turnEnds: 'immediate', discloses: false },
    });
    service = await Service.start({ workers: 1, provider: { kind: 'emulator-at', url: emulator.url } });
  });
  afterAll(async () => {
    await service.stop();
    await emulator.close();
  });

  afterEach(async () => {
    await Promise.all(callers.splice(0).map((caller) => caller.end()));
  });

  /** Calls over a connection to the model that meets the fault; those that follow do not. */
  async function meeting<T>(fault: Fault, call: () => Promise<T>): Promise<T> {
    emulator.control.setFaults([{ fault }]);
    try {
      return await call();
    } finally {
      emulator.control.setFaults([]);
    }
  }

  /** A call, which meets the fault if one is named. */
  async function called(fault?: Fault): Promise<Caller> {
    const caller = await (fault ? meeting(fault, () => service.call()) : service.call());
    callers.push(caller);
    return caller;
  }

  it.each(REFUSED)(
    '%j before the first set-up is told as %s (retryable: %s), and the next call comes through',
    async (fault, code, retryable) => {
      await expect(meeting(fault, () => service.call())).rejects.toMatchObject({ code });
      await called();
      const run = await meeting(fault, async () => {
        const line = new ModelLine({ baseUrl: emulator.url });
        await until('the end of the run', () => line.ended);
        return line;
      });
      expect(run.events).toMatchObject([{ errorCode: code, errorDetails: { scope: 'session', retryable } }]);
      expect(run.failure).toMatchObject({ code, retryable });
    },
  );

  it.each(ENDED)('%j in an answer ends the call with %s', async (fault, code, closeCode) => {
    const caller = await called(fault);
    caller.client.sendText(TOLD);
    await until('the answer begins', () => caller.heard.audio.length > 0);
    await until('an error', () => caller.heard.events.some((event) => event.errorCode), DEADLINE_MS);
    expect(caller.heard.events.find((event) => event.errorCode)).toMatchObject({
      errorCode: code,
      errorDetails: { scope: 'session', retryable: false, closeCode },
    });
    expect(await caller.client.closed).toMatchObject({ ended: 'provider' });
  });

  it.each(CUT)('%j in an answer is survived, and the answer given again', async (fault) => {
    const opened = emulator.stats.sessionsOpened;
    const caller = await called(fault);
    const { audio, completed, events, interruptions } = caller.heard;
    caller.client.sendText(TOLD);
    await until('the answer breaks off', () => interruptions.length > 0);
    const before = audio.length;
    await until('it begins again', () => audio.length > before, DEADLINE_MS);
    await until('it is complete', () => completed.length > 0);
    expect(emulator.stats.sessionsOpened).toBe(opened + 2);
    expect(events.filter((event) => event.errorCode ?? event.liveSessionRestarted)).toEqual([]);
    expect(new Set(events.map((event) => event.invocationId)).size).toBe(1);
    expect(hasSaid(caller, 'Alice')).toBe(true);
  });

  it.each(HARMLESS)('%j does not show', async (fault) => {
    const opened = emulator.stats.sessionsOpened;
    const caller = await called(fault);
    const { errors, events } = caller.heard;
    caller.client.sendText(TOLD);
    await until('the answer', () => hasSaid(caller, 'Alice'));
    if (fault.kind === 'toolCallWithoutId') {
      caller.client.sendText('What is the weather in Paris?');
      await until('the weather', () => hasSaid(caller, 'Paris'));
    }
    expect(errors).toEqual([]);
    expect(events.filter((event) => event.errorCode ?? event.interrupted)).toEqual([]);
    expect(emulator.stats.sessionsOpened).toBe(opened + 1);
  });

  it('has ended no process, left no session behind, and leaves a service that answers', async () => {
    const caller = await called();
    expect(await caller.ask(TOLD)).toContain('Alice');
    await caller.end();
    await until('no session is left', async () => (await service.metric('worker-1', ACTIVE)) === 0);
    expect(emulator.sessions()).toEqual([]);
    expect(await Promise.race([service.stack.failed, Promise.resolve('none')])).toBe('none');
  });

  it('is known in all kinds, here or where time is made to pass', () => {
    const here = [...REFUSED.map(([fault]) => fault), ...ENDED.map(([fault]) => fault), ...CUT, ...HARMLESS];
    const kinds = new Set<FaultKind>([...here.map(({ kind }) => kind), ...SILENT]);
    expect([...kinds].sort()).toEqual(Object.keys(FAULTS).sort());
  });
});

/** Whether the model has said this, as far as captions tell. */
function hasSaid({ heard }: Caller, word: string): boolean {
  return heard.captions.some(({ speaker, text }) => speaker === 'agent' && text.includes(word));
}
