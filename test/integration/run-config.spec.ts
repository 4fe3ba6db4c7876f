import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawSocket } from '../support/raw-socket.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

describe('a call that is asked for with a runConfig', () => {
  let emulator: RunningEmulator;
  let service: Service;
  beforeAll(async () => {
    emulator = await startEmulator({ behaviour: { discloses: false } });
    service = await Service.start({
      provider: { kind: 'emulator-at', url: emulator.url },
      // as on a worker that was not told of a folder
      env: { PARLEY_ARTIFACTS_DIR: '' },
    });
  });
  afterAll(async () => {
    await service.stop();
    await emulator.close();
  });

  it.each([
    ['volume', { volume: 11 }, 'unknown field volume'],
    ['speechConfig.pitch', { speechConfig: { pitch: 2 } }, 'unknown field speechConfig.pitch'],
    ['supportCfc', { supportCfc: true }, 'supportCfc is not supported'],
    ['temperature', { temperature: 'hot' }, 'temperature: '],
  ])(
    'is refused when the session is made for a field that can not be, by its name: %s (D13)',
    async (...row) => {
      const [, runConfig, named] = row;
      const response = await fetch(`${service.stack.url}/v1/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${service.stack.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ agent: 'concierge', runConfig }),
      });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'invalid_config',
        detail: expect.stringContaining(named) as string,
        details: { problems: [expect.stringContaining(named)] },
      });
    },
  );

  it.each([
    ['the model can not do', { enableAffectiveDialog: true }, 'provider_config', 'enableAffectiveDialog'],
    ['this provider has not got', { explicitVadSignal: true }, 'provider_config', 'explicitVadSignal'],
    ['needs a folder for files', { saveLiveBlob: true }, 'invalid_config', 'PARLEY_ARTIFACTS_DIR'],
    [
      'only another session may',
      { sessionResumption: { handle: 'AQ' } },
      'invalid_config',
      'sessionResumption.handle',
    ],
  ])(
    'is told once what is wrong, before the model is dialled, when it wants what %s',
    async (_, runConfig, code, named) => {
      const dialled = emulator.stats.sessionsOpened;
      const socket = await RawSocket.open(service.liveUrl);
      socket.say({ type: 'hello', token: await service.token({ runConfig }) });
      await until('the call is over', () => socket.closed !== undefined);
      // a way back is given before anything else
      const told = socket.messages.filter((message) => !isResumeToken(message));
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        type: 'error',
        error: { code, fatal: true, message: expect.stringContaining(named) as string },
      });
      expect(socket.closed?.code).toBe(code === 'provider_config' ? 4502 : 4400);
      expect(emulator.stats.sessionsOpened).toBe(dialled);
    },
  );

  it('goes on in the session of the model that an earlier call left, if it was one of the same session', async () => {
    const first = await service.call({ userId: 'dora' });
    await first.ask('Hello, my name is Dora.');
    const handles = (): string[] =>
      first.heard.events.flatMap((event) => event.liveSessionResumptionUpdate?.newHandle ?? []);
    await until('a handle of after the answer', () => handles().length > 1);
    await first.end();
    const runConfig = { sessionResumption: { handle: handles().at(-1) ?? '' } };
    const { sessionId } = first.grant;
    const again = await service.call({ userId: 'dora', sessionId, runConfig });
    const model = emulator.sessions().at(-1);
    expect(model?.lineage).not.toBe(model?.id);
    expect(await again.ask('What is my name?')).toContain('Dora');
    await again.end();
    await expect(service.call({ userId: 'eve', runConfig })).rejects.toMatchObject({
      code: 'invalid_config',
    });
  });
});

function isResumeToken(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'resume';
}
