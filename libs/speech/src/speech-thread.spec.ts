import { silentLog, systemClock, type Clock } from '@parley/kernel';
import { ManualClock } from '@parley-testing/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpeechThread } from './speech-thread.js';
import { scriptedThread, type ThreadBehaviour } from './testing/scripted-thread.js';
import type { ThreadResult } from './thread-protocol.js';

const threads: SpeechThread[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

function thread(behaviour: ThreadBehaviour = 'loads', clock: Clock = systemClock): SpeechThread {
  const made = new SpeechThread({
    script: scriptedThread(behaviour),
    serves: ['vad', 'synthesis'],
    clock,
    log: silentLog,
  });
  threads.push(made);
  return made;
}

function say(on: SpeechThread, text: string): Promise<ThreadResult> {
  return on.perform({ kind: 'synthesize', text, voice: 'any', rateHz: 24_000 }, []);
}

function hear(on: SpeechThread, microphone: number): Promise<ThreadResult> {
  return on.perform({ kind: 'hear', microphone, window: new Uint8Array(1024) }, []);
}

describe('SpeechThread', () => {
  it('answers jobs in order, also many at a time', async () => {
    const open = thread();
    await open.start();
    const answers = await Promise.all([hear(open, 1), hear(open, 1), hear(open, 2), hear(open, 1)]);
    expect(answers).toEqual([1, 2, 1, 3]);
  });

  it('forgets a microphone that is gone', async () => {
    const open = thread();
    await open.start();
    await hear(open, 1);
    open.forget(1);
    await expect(hear(open, 1)).resolves.toBe(1);
  });

  it('is idle only when it is ready and every job is answered', async () => {
    const open = thread();
    expect(open.idle).toBe(false);
    await open.start();
    expect(open.idle).toBe(true);
    const job = hear(open, 1);
    expect(open.idle).toBe(false);
    await job;
    expect(open.idle).toBe(true);
  });

  it('reports why nothing could be loaded when it ends while it loads, and stays down', async () => {
    const open = thread('crashes');
    const capabilities = await open.start();
    expect(Object.keys(capabilities)).toEqual(['vad', 'synthesis']);
    expect(capabilities.vad).toMatchObject({
      available: false,
      reason: expect.stringContaining('no memory for the model') as unknown,
    });
    await expect(hear(open, 1)).rejects.toMatchObject({ code: 'provider_unavailable' });
  });

  it('gives up a thread that never becomes ready', async () => {
    const clock = new ManualClock();
    const open = thread('silent', clock);
    const started = open.start();
    await clock.advance(60_000);
    expect((await started).vad).toMatchObject({ available: false });
  });

  it('ends a thread that a job hangs in, and starts it again', async () => {
    const clock = new ManualClock();
    const open = thread('loads', clock);
    await open.start();
    const hanging = expect(say(open, 'hang')).rejects.toMatchObject({ code: 'provider_unavailable' });
    await clock.advance(30_000);
    await hanging;
    await clock.advance(200);
    await vi.waitUntil(() => open.idle, { timeout: 10_000 });
    await expect(hear(open, 1)).resolves.toBe(1);
  });

  it('waits longer after every crash in a row', async () => {
    const clock = new ManualClock();
    const open = thread('loads', clock);
    await open.start();
    await expect(say(open, 'crash')).rejects.toThrow();
    await clock.advance(100);
    await vi.waitUntil(() => open.idle, { timeout: 10_000 });
    await expect(say(open, 'crash')).rejects.toThrow();
    await clock.advance(159);
    await expect(hear(open, 1)).rejects.toThrow('not running');
    await clock.advance(41);
    await vi.waitUntil(() => open.idle, { timeout: 10_000 });
  });

  it('settles its start and its jobs when it is closed', async () => {
    const loading = thread('silent');
    const started = loading.start();
    await loading.close();
    await expect(started).resolves.toEqual({});
    const open = thread();
    await open.start();
    const held = expect(say(open, 'hold')).rejects.toMatchObject({ code: 'provider_unavailable' });
    await Promise.all([open.close(), open.close()]);
    await held;
  });
});
