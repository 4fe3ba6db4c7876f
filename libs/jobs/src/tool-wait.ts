import { ParleyError, type Clock } from '@parley/kernel';
import type { ToolJob, ToolJobOutcome } from '@parley/live';

export interface ToolWait {
  readonly job: ToolJob;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly start: () => Promise<ToolJobOutcome>;
  /** Called once when the wait ends without an outcome because it was aborted or took too long. */
  readonly cancel: (reason: Error) => void;
}

/** Waits for the outcome; rejects with the signal's reason when aborted, with `tool_timeout` after `job.timeoutMs`. */
export async function untilInterrupted(wait: ToolWait): Promise<ToolJobOutcome> {
  const { job, signal, clock, start, cancel } = wait;
  signal.throwIfAborted();
  let interrupt: (reason: Error) => void = () => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = (reason) => {
      cancel(reason);
      reject(reason);
    };
  });
  const abort = (): void => interrupt(cancellation(signal));
  const stopTimer = clock.after(job.timeoutMs, () => interrupt(timeout(job)));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([start(), interrupted]);
  } finally {
    stopTimer();
    signal.removeEventListener('abort', abort);
  }
}

function cancellation(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('The call was cancelled.');
}

function timeout(job: ToolJob): ParleyError {
  return new ParleyError('tool_timeout', `No result within ${job.timeoutMs} ms.`, {
    kind: 'deadline_exceeded',
    retryable: true,
  });
}

export function queueUnavailable(cause: unknown): ParleyError {
  return new ParleyError('tool_backend_unavailable', 'Tools can not be run right now.', {
    kind: 'unavailable',
    retryable: true,
    cause,
  });
}

export function queueClosed(): ParleyError {
  return queueUnavailable(new Error('closed'));
}
