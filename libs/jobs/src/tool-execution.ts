import { ParleyError, type Clock } from '@parley/kernel';
import type { ToolJob, ToolJobOutcome } from '@parley/live';
import { MAX_PAYLOAD_BYTES } from './job-catalog.js';

export interface ToolRunContext {
  /** Aborted when the call is cancelled, its time is up or the runner shuts down. */
  readonly signal: AbortSignal;
  /** 1 for the first; more when a runner was lost. `job.jobId` is the key by which a tool can tell that it did this. */
  readonly attempt: number;
}

/** Finds the code of a tool and runs it. What it throws becomes an error for the model. */
export type RunTool = (job: ToolJob, context: ToolRunContext) => Promise<unknown>;

const MAX_ERROR_CHARS = 1_000;

/**
 * Runs a tool to its one outcome and never throws. A tool that ignores its signal is answered for when its time is up,
 * and goes on unheard.
 */
export async function executeToolJob(
  run: RunTool,
  job: ToolJob,
  context: ToolRunContext,
  clock: Clock,
): Promise<ToolJobOutcome> {
  const expiry = new AbortController();
  const cancelExpiry = clock.after(job.timeoutMs, () =>
    expiry.abort(new ParleyError('tool_timeout', `No result within ${job.timeoutMs} ms.`)),
  );
  const signal = AbortSignal.any([context.signal, expiry.signal]);
  let giveUp: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(asError(signal.reason));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
  });
  try {
    signal.throwIfAborted();
    const work = Promise.resolve().then(() => run(job, { signal, attempt: context.attempt }));
    return withinLimits(await Promise.race([work, aborted]));
  } catch (error) {
    return { ok: false, error: asError(error).message.slice(0, MAX_ERROR_CHARS) };
  } finally {
    aborted.catch(() => undefined);
    signal.removeEventListener('abort', giveUp);
    cancelExpiry();
  }
}

/** What a model is told of a call whose arguments are beyond the limit; undefined when they are within it. */
export function oversizedArguments(job: ToolJob): ToolJobOutcome | undefined {
  if (jsonBytes(job.args) <= MAX_PAYLOAD_BYTES) return undefined;
  return { ok: false, error: `The arguments are larger than ${MAX_PAYLOAD_BYTES} bytes.` };
}

/** The result as it will be after its way through JSON; throws what can not make that way. */
function withinLimits(result: unknown): ToolJobOutcome {
  const json = JSON.stringify(result ?? null);
  if (Buffer.byteLength(json) > MAX_PAYLOAD_BYTES) {
    return { ok: false, error: `The result is larger than ${MAX_PAYLOAD_BYTES} bytes.` };
  }
  return { ok: true, result: JSON.parse(json) as unknown };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
