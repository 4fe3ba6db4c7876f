import { afterEach, describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import type { ToolJob, ToolJobs } from '@parley/live';
import { MAX_PAYLOAD_BYTES } from '../job-catalog.js';
import type { RunTool } from '../tool-execution.js';

/** A queue, empty and with one runner whose tools `run` stands for; closed by `close`. */
export interface ToolJobsFixture {
  readonly jobs: ToolJobs;
  close(): Promise<void>;
}

export type OpenToolJobs = (run: RunTool) => Promise<ToolJobsFixture>;

export function aToolJob(callId: string, changes: Partial<ToolJob> = {}): ToolJob {
  return {
    jobId: `live1.${callId}`,
    tenantId: 't1',
    userId: 'u1',
    sessionId: 's1',
    liveId: 'live1',
    callId,
    agentName: 'agent',
    toolName: 'tool',
    args: {},
    timeoutMs: 30_000,
    ...changes,
  };
}

/** What every adapter of `ToolJobs` does together with its runner. */
export function describeToolJobs(name: string, open: OpenToolJobs): void {
  describe(`${name} as ToolJobs`, () => {
    let fixture: ToolJobsFixture | undefined;
    const opened = async (run: RunTool): Promise<ToolJobs> => {
      fixture = await open(run);
      return fixture.jobs;
    };
    afterEach(async () => {
      await fixture?.close();
      fixture = undefined;
    });
    const never = () => new AbortController().signal;

    it('hands the job to the tool and its result back', async () => {
      const seen: unknown[] = [];
      const jobs = await opened(async (job, { attempt, signal }) => {
        seen.push(job, attempt, signal.aborted);
        return { city: 'Zürich', degrees: [21.5, null], nested: { yes: true } };
      });
      const job = aToolJob('call1', { args: { query: 'wéather', days: 3 } });
      expect(await jobs.run(job, never())).toEqual({
        ok: true,
        result: { city: 'Zürich', degrees: [21.5, null], nested: { yes: true } },
      });
      expect(seen).toEqual([job, 1, false]);
    });

    it('makes an error for the model of what the tool throws', async () => {
      const jobs = await opened(({ toolName }) => {
        if (toolName === 'sync') throw new ParleyError('not_found', 'No such city.');
        return Promise.reject(new Error('x'.repeat(5_000)));
      });
      const failure = await jobs.run(aToolJob('call1', { toolName: 'sync' }), never());
      expect(failure).toEqual({ ok: false, error: 'No such city.' });
      const verbose = await jobs.run(aToolJob('call2'), never());
      expect(verbose).toEqual({ ok: false, error: 'x'.repeat(1_000) });
    });

    it('takes no result for null', async () => {
      const jobs = await opened(() => Promise.resolve());
      expect(await jobs.run(aToolJob('call1'), never())).toEqual({ ok: true, result: null });
    });

    it('makes an error of arguments and results that are too large or can not be sent', async () => {
      let runs = 0;
      const jobs = await opened(({ toolName }) => {
        runs += 1;
        return Promise.resolve(toolName === 'bigint' ? 1n : 'x'.repeat(MAX_PAYLOAD_BYTES));
      });
      const args = { text: 'x'.repeat(MAX_PAYLOAD_BYTES) };
      expect(await jobs.run(aToolJob('call1', { args }), never())).toMatchObject({ ok: false });
      expect(runs).toBe(0);
      expect(await jobs.run(aToolJob('call2'), never())).toMatchObject({ ok: false });
      expect(await jobs.run(aToolJob('call3', { toolName: 'bigint' }), never())).toMatchObject({ ok: false });
      expect(runs).toBe(2);
    });

    it('gives each of many jobs its own outcome', async () => {
      const jobs = await opened(async ({ args }) => Number(args.n) * 2);
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => jobs.run(aToolJob(`call${n}`, { args: { n } }), never())),
      );
      expect(outcomes).toEqual(Array.from({ length: 40 }, (_, n) => ({ ok: true, result: n * 2 })));
    });

    it('runs a job once however often it is submitted, and tells everyone the outcome', async () => {
      let runs = 0;
      const jobs = await opened(async () => (runs += 1));
      const [first, second] = await Promise.all([
        jobs.run(aToolJob('call1'), never()),
        jobs.run(aToolJob('call1'), never()),
      ]);
      expect(await jobs.run(aToolJob('call1'), never())).toEqual({ ok: true, result: 1 });
      expect([first, second]).toEqual([
        { ok: true, result: 1 },
        { ok: true, result: 1 },
      ]);
      expect(runs).toBe(1);
    });

    it('rejects with tool_timeout when the time is up, and tells the tool', async () => {
      const tool = interruptible();
      const jobs = await opened(tool.run);
      await expect(jobs.run(aToolJob('call1', { timeoutMs: 300 }), never())).rejects.toMatchObject({
        code: 'tool_timeout',
      });
      await tool.interrupted;
    });

    it('cancels a running tool, and rejects with the reason of the signal', async () => {
      const tool = interruptible();
      const jobs = await opened(tool.run);
      const abort = new AbortController();
      const outcome = jobs.run(aToolJob('call1'), abort.signal);
      await tool.started;
      const reason = new Error('interrupted by the user');
      abort.abort(reason);
      await expect(outcome).rejects.toBe(reason);
      await tool.interrupted;
    });

    it('cancels, by its id alone, a job that was submitted elsewhere; an unknown one is nothing to it', async () => {
      const tool = interruptible();
      const jobs = await opened(tool.run);
      const outcome = jobs.run(aToolJob('call1'), never());
      await tool.started;
      await jobs.cancel(aToolJob('call1').jobId);
      await tool.interrupted;
      expect(await outcome).toMatchObject({ ok: false });
      await jobs.cancel('live_none.call9');
    });

    it('does not start what was cancelled before', async () => {
      let runs = 0;
      const jobs = await opened(async () => (runs += 1));
      await expect(jobs.run(aToolJob('call1'), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
      expect(await jobs.run(aToolJob('call2'), never())).toEqual({ ok: true, result: 1 });
    });

    it('ends its waits when closed, and takes nothing more', async () => {
      const tool = interruptible();
      const jobs = await opened(tool.run);
      const outcome = jobs.run(aToolJob('call1'), never());
      const unavailable = expect(outcome).rejects.toMatchObject({
        code: 'tool_backend_unavailable',
        retryable: true,
      });
      await tool.started;
      await Promise.all([jobs.close(), jobs.close()]);
      await unavailable;
      await expect(jobs.run(aToolJob('call2'), never())).rejects.toMatchObject({
        code: 'tool_backend_unavailable',
      });
    });
  });
}

/** A tool that runs until it is told to stop. */
function interruptible(): {
  readonly run: RunTool;
  readonly started: Promise<void>;
  readonly interrupted: Promise<void>;
} {
  let tellStarted: () => void = () => undefined;
  let tellInterrupted: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    tellStarted = resolve;
  });
  const interrupted = new Promise<void>((resolve) => {
    tellInterrupted = resolve;
  });
  const run: RunTool = (_job, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        tellInterrupted();
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      });
      tellStarted();
    });
  return { run, started, interrupted };
}
