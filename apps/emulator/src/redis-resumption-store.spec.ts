import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { silentLog, systemClock } from '@parley/kernel';
import { ControlRedis, type LocalRedis } from '@parley/redis';
import { LiveWireClient, livePathFor } from '@parley-testing/emulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../test/support/redis/eventually.js';
import { describeOnEveryRedis, startRedis } from '../../../test/support/redis/start-redis.js';
import { RedisResumptionStore } from './redis-resumption-store.js';

const FAST = { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 } as const;

await describeOnEveryRedis('snapshots in Redis', (kind) => {
  let server: LocalRedis;
  let redis: ControlRedis;
  const running: RunningEmulator[] = [];
  beforeAll(async () => {
    server = await startRedis(kind);
    redis = new ControlRedis({
      url: server.url,
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      commandTimeoutMs: 30_000,
    });
    await redis.whenConnected(20_000);
  });
  afterAll(async () => {
    await Promise.all(running.map((emulator) => emulator.close()));
    redis.close();
    await server.stop();
  });

  const start = async (secret: string, ttlMs?: number): Promise<RunningEmulator> => {
    const store = new RedisResumptionStore(redis);
    const resumption = { store, secret, ...(ttlMs !== undefined && { ttlMs }) };
    const emulator = await startEmulator({ behaviour: FAST, resumption });
    running.push(emulator);
    return emulator;
  };

  /** Says something, hangs up, and answers the newest handle. */
  const converse = async (emulator: RunningEmulator, text: string, handle?: string) => {
    const client = await LiveWireClient.connect(emulator.url, livePathFor('default'));
    const sessionResumption = handle === undefined ? {} : { handle };
    client.send({
      setup: { model: 'models/gemini-3.8-live', sessionResumption, outputAudioTranscription: {} },
    });
    client.send({ realtimeInput: { text } });
    const ended = await Promise.race([
      client.waitFor(({ serverContent }) => serverContent?.turnComplete === true),
      client.closed,
    ]);
    if ('code' in ended) return { closed: ended, said: '', handle: '' };
    const from = client.messages.findIndex(({ serverContent }) => serverContent?.turnComplete);
    const update = await client.waitFor(
      ({ sessionResumptionUpdate }) => !!sessionResumptionUpdate?.newHandle,
      { from },
    );
    client.close();
    const said = client.messages
      .map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '')
      .join('');
    return { closed: undefined, said, handle: update.sessionResumptionUpdate?.newHandle ?? '' };
  };

  it('let a session go on at another emulator that has the same secret, and at no other', async () => {
    const { handle } = await converse(await start('one'), 'My name is Alice.');
    const { said } = await converse(await start('one'), 'What is my name?', handle);
    expect(said).toContain('Alice');
    const refused = await converse(await start('two'), 'What is my name?', handle);
    expect(refused.closed?.code).toBe(1008);
  });

  it('are gone when their time is over', async () => {
    const emulator = await start('one', 50);
    const { handle } = await converse(emulator, 'My name is Alice.');
    await eventually(async () => {
      expect((await converse(emulator, 'Hello', handle)).closed?.code).toBe(1008);
    });
  });
});
