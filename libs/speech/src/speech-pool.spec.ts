import { silentLog, systemClock } from '@parley/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { SpeechPool } from './speech-pool.js';
import { scriptedThread } from './testing/scripted-thread.js';
import type { ThreadResult } from './thread-protocol.js';

const pools: SpeechPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function openPool({ threads = 1, maxQueuedJobs = 8 } = {}): Promise<SpeechPool> {
  const pool = new SpeechPool({
    threads,
    maxQueuedJobs,
    script: scriptedThread(),
    serves: ['transcription', 'synthesis'],
    clock: systemClock,
    log: silentLog,
  });
  pools.push(pool);
  await pool.start();
  return pool;
}

function say(pool: SpeechPool, text: string, signal?: AbortSignal): Promise<string> {
  const job = { kind: 'synthesize', text, voice: 'any', rateHz: 24_000 } as const;
  return pool.perform(job, [], signal).then((result: ThreadResult) => {
    return new TextDecoder().decode(result as Uint8Array);
  });
}

describe('SpeechPool', () => {
  it('starts jobs in the order in which they came', async () => {
    const pool = await openPool();
    const order: string[] = [];
    const sentences = ['one', 'two', 'three', 'four'];
    await Promise.all(sentences.map((text) => say(pool, text).then((said) => order.push(said))));
    expect(order).toEqual(sentences);
  });

  it('works on as many jobs at a time as it has threads', async () => {
    const pool = await openPool({ threads: 2 });
    const hold = new AbortController();
    const held = say(pool, 'hold', hold.signal);
    await expect(say(pool, 'meanwhile')).resolves.toBe('meanwhile');
    hold.abort();
    await expect(held).rejects.toThrow(/abort/i);
  });

  it('refuses what goes beyond its queue, and takes more when there is room again', async () => {
    const pool = await openPool({ maxQueuedJobs: 2 });
    const hold = new AbortController();
    const held = say(pool, 'hold', hold.signal);
    const waiting = [say(pool, 'a'), say(pool, 'b')];
    await expect(say(pool, 'c')).rejects.toMatchObject({ code: 'capacity_exhausted', retryable: true });
    hold.abort();
    await expect(held).rejects.toThrow();
    await expect(Promise.all(waiting)).resolves.toEqual(['a', 'b']);
    await expect(say(pool, 'd')).resolves.toBe('d');
  });

  it('takes an aborted job out of the queue, so that no thread sees it', async () => {
    const pool = await openPool({ maxQueuedJobs: 1 });
    const hold = new AbortController();
    const abort = new AbortController();
    const held = say(pool, 'hold', hold.signal);
    const dropped = say(pool, 'crash', abort.signal);
    abort.abort(new Error('no longer wanted'));
    await expect(dropped).rejects.toThrow('no longer wanted');
    const next = say(pool, 'next');
    hold.abort();
    await expect(held).rejects.toThrow();
    await expect(next).resolves.toBe('next');
  });

  it('refuses a job whose signal is aborted already', async () => {
    const pool = await openPool();
    await expect(say(pool, 'one', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('rejects the job of a thread that crashes, and goes on with the next on a new thread', async () => {
    const pool = await openPool();
    const crashed = say(pool, 'crash');
    const next = say(pool, 'next');
    await expect(crashed).rejects.toMatchObject({ code: 'provider_unavailable', retryable: true });
    await expect(next).resolves.toBe('next');
  });

  it('rejects what waits and what runs when it is closed, and everything after', async () => {
    const pool = await openPool();
    const jobs = [say(pool, 'hold'), say(pool, 'waiting')];
    const settled = Promise.allSettled(jobs);
    await Promise.all([pool.close(), pool.close()]);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(say(pool, 'late')).rejects.toMatchObject({ code: 'provider_unavailable' });
  });
});
