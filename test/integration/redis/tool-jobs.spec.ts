import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  BullToolJobs,
  JOBS,
  QUEUE_PREFIX,
  ToolJobRunner,
  type BullToolJobsOptions,
  type RunTool,
  type ToolJobRunnerOptions,
} from '@parley/jobs';
import { silentLog, systemClock } from '@parley/kernel';
import { queueConnectionOptions, type LocalRedis } from '@parley/redis';
import { aToolJob, describeToolJobs } from '@parley-testing/jobs';
import { bundledProgram } from '../../support/redis/bundled-program.js';
import { eventually } from '../../support/redis/eventually.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';

const EVENTS = `${QUEUE_PREFIX}:${JOBS.tool.queue}:events`;

await describeOnEveryRedis('BullToolJobs', (kind, title) => {
  let server: LocalRedis;
  let admin: Redis;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await startRedis(kind);
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await admin.flushall();
  });
  afterAll(async () => {
    await admin.quit();
    await server.stop();
  });

  const connection = () => queueConnectionOptions(server.url, Math.random);
  const openJobs = (changes: Partial<BullToolJobsOptions> = {}): BullToolJobs => {
    const jobs = new BullToolJobs({
      connection: connection(),
      clock: systemClock,
      log: silentLog,
      ...changes,
    });
    closers.push(() => jobs.close());
    return jobs;
  };
  const openRunner = async (run: RunTool, changes: Partial<ToolJobRunnerOptions> = {}) => {
    const runner = new ToolJobRunner({
      connection: connection(),
      run,
      clock: systemClock,
      log: silentLog,
      ...changes,
    });
    closers.push(() => runner.close(0));
    await runner.whenReady();
    return runner;
  };
  const signal = () => new AbortController().signal;

  describeToolJobs(title, async (run) => {
    const runner = await openRunner(run);
    const jobs = openJobs();
    return {
      jobs,
      async close() {
        await jobs.close();
        await runner.close(0);
      },
    };
  });

  it('lets a job wait for a runner', async () => {
    const outcome = openJobs().run(aToolJob('call1'), signal());
    await openRunner(async () => 'late');
    expect(await outcome).toEqual({ ok: true, result: 'late' });
  });

  it('tells the outcome to a worker that submits the same job after another one did', async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    await openRunner(async () => {
      runs += 1;
      await new Promise<void>((resolve) => (finish = resolve));
      return 'done';
    });
    const lost = openJobs();
    const abandoned = lost.run(aToolJob('call1'), signal());
    abandoned.catch(() => undefined);
    await eventually(() => expect(runs).toBe(1));
    await lost.close();
    await expect(abandoned).rejects.toMatchObject({ code: 'tool_backend_unavailable' });
    const outcome = openJobs().run(aToolJob('call1'), signal());
    finish();
    expect(await outcome).toEqual({ ok: true, result: 'done' });
    expect(await openJobs().run(aToolJob('call1'), signal())).toEqual({ ok: true, result: 'done' });
    expect(runs).toBe(1);
  });

  it('never runs a job that was cancelled while it waited', async () => {
    const jobs = openJobs();
    const abort = new AbortController();
    const cancelled = jobs.run(aToolJob('call1'), abort.signal);
    const queue = new Queue(JOBS.tool.queue, { connection: connection(), prefix: QUEUE_PREFIX });
    closers.push(() => queue.close());
    await eventually(async () => expect(await queue.getJobState('live1.call1')).toBe('waiting'));
    abort.abort(new Error('gone'));
    await expect(cancelled).rejects.toThrow('gone');
    await eventually(async () => expect(await queue.getJobState('live1.call1')).toBe('unknown'));
    const ran: string[] = [];
    await openRunner(async ({ callId }) => ran.push(callId));
    await jobs.run(aToolJob('call2'), signal());
    expect(ran).toEqual(['call2']);
  });

  it('has another runner finish the job of one that was killed', async () => {
    const program = await bundledProgram('test/support/redis/tool-runner-program.ts');
    const doomed = spawn(process.execPath, [program, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: doomed.stdout });
    await once(lines, 'line');
    const outcome = openJobs().run(aToolJob('call1', { timeoutMs: 60_000 }), signal());
    await once(lines, 'line');
    doomed.kill('SIGKILL');
    await openRunner(async (_job, { attempt }) => `attempt ${attempt}`, {
      stall: { lockMs: 1_000, stalledCheckMs: 500 },
    });
    expect(await outcome).toEqual({ ok: true, result: 'attempt 2' });
  });

  it('closes a runner only when its jobs are done, and takes up nothing more', async () => {
    let finish: () => void = () => undefined;
    const runner = await openRunner(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return 'done';
    });
    const jobs = openJobs();
    const running = jobs.run(aToolJob('call1'), signal());
    await eventually(() => expect(runner.running).toBe(1));
    const closing = Promise.all([runner.close(60_000), runner.close(60_000)]);
    const next = jobs.run(aToolJob('call2'), signal());
    finish();
    expect(await running).toEqual({ ok: true, result: 'done' });
    await closing;
    await openRunner(async () => 'by the next');
    expect(await next).toEqual({ ok: true, result: 'by the next' });
  });

  it('gives jobs that a closing runner can not finish in time to another one at once', async () => {
    let told = false;
    const stuck = await openRunner(
      (_job, context) =>
        new Promise(() => context.signal.addEventListener('abort', () => (told = true), { once: true })),
    );
    const outcome = openJobs().run(aToolJob('call1'), signal());
    await eventually(() => expect(stuck.running).toBe(1));
    await stuck.close(100);
    expect(told).toBe(true);
    await openRunner(async (_job, { attempt }) => `attempt ${attempt}`);
    expect(await outcome).toEqual({ ok: true, result: 'attempt 2' });
  });

  it('answers a malformed job with an error instead of failing over it', async () => {
    await openRunner(async () => 'done');
    const queue = new Queue(JOBS.tool.queue, { connection: connection(), prefix: QUEUE_PREFIX });
    closers.push(() => queue.close());
    await queue.add(JOBS.tool.name, { nonsense: true }, { jobId: 'live1.call1' });
    expect(await openJobs().run(aToolJob('call1'), signal())).toMatchObject({ ok: false });
  });

  it('settles by looking when the event of an outcome was lost', { timeout: 60_000 }, async () => {
    let finish: () => void = () => undefined;
    const runner = await openRunner(() => new Promise((resolve) => (finish = () => resolve('done'))));
    const jobs = openJobs();
    // Readers follow the stream to an id that no event after its deletion will reach.
    await admin.xadd(EVENTS, '99999999999999-0', 'event', 'noise');
    const before = jobs.run(aToolJob('call0'), signal());
    await eventually(() => expect(runner.running).toBe(1));
    finish();
    await before;
    const outcome = jobs.run(aToolJob('call1'), signal());
    await eventually(() => expect(runner.running).toBe(1));
    await admin.del(EVENTS);
    finish();
    expect(await outcome).toEqual({ ok: true, result: 'done' });
  });

  it('refuses more jobs than it may have waiting', async () => {
    const jobs = openJobs({ maxPending: 2 });
    const waiting = [1, 2].map((n) => jobs.run(aToolJob(`call${n}`), signal()));
    await expect(jobs.run(aToolJob('call3'), signal())).rejects.toMatchObject({
      code: 'tool_backend_unavailable',
    });
    await openRunner(async () => 'done');
    await Promise.all(waiting);
    expect(await jobs.run(aToolJob('call4'), signal())).toMatchObject({ ok: true });
  });

  it('says that the backend is away when Redis takes no job, and closes all the same', async () => {
    const doomed = await startRedis(kind);
    const options = { connection: queueConnectionOptions(doomed.url, Math.random) };
    const jobs = openJobs({ ...options, submitWithinMs: 300 });
    const runner = await openRunner(async () => 'done', options);
    expect(await jobs.run(aToolJob('call1'), signal())).toMatchObject({ ok: true });
    doomed.kill('SIGKILL');
    await doomed.ended;
    await expect(jobs.run(aToolJob('call2'), signal())).rejects.toMatchObject({
      code: 'tool_backend_unavailable',
      retryable: true,
    });
    await jobs.close();
    await runner.close(100);
  });

  it('cancels what Redis took only after it had been given up', async () => {
    const ran: string[] = [];
    await openRunner(async ({ callId }) => ran.push(callId));
    const jobs = openJobs({ submitWithinMs: 300 });
    await jobs.run(aToolJob('call1'), signal());
    const queue = new Queue(JOBS.tool.queue, { connection: connection(), prefix: QUEUE_PREFIX });
    closers.push(() => queue.close());
    await queue.pause();
    server.kill('SIGSTOP');
    try {
      await expect(jobs.run(aToolJob('call2'), signal())).rejects.toMatchObject({
        code: 'tool_backend_unavailable',
      });
    } finally {
      server.kill('SIGCONT');
    }
    await eventually(async () => {
      const events = await admin.xrange(EVENTS, '-', '+');
      expect(events.map(([, fields]) => fields)).toContainEqual([
        'event',
        'removed',
        'jobId',
        'live1.call2',
        'prev',
        'wait',
      ]);
    });
    await queue.resume();
    await jobs.run(aToolJob('call3'), signal());
    expect(ran).toEqual(['call1', 'call3']);
  });
});
