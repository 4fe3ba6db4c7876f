/** A tool call that runs as a job outside the worker. */
export interface ToolJob {
  /** `<liveId>.<callId>`: a second submission of the same id is a no-op. */
  readonly jobId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly liveId: string;
  readonly callId: string;
  /** Agent and tool, by which the runner finds the code. */
  readonly agentName: string;
  readonly toolName: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

/** What comes of a job: a result for the model, or an error for the model. Never both, never neither. */
export type ToolJobOutcome =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string };

/** The port to the tool-runner. */
export interface ToolJobs {
  /**
   * Submits the job and resolves with its outcome. Aborting `signal` cancels the job. Rejects with `ParleyError`
   * `tool_backend_unavailable` when the queue can't be reached, `tool_timeout` after `timeoutMs`.
   */
  run(job: ToolJob, signal: AbortSignal): Promise<ToolJobOutcome>;
  /** Cancels a job that another process submitted, if it still waits or runs. An unknown id does nothing. */
  cancel(jobId: string): Promise<void>;
  close(): Promise<void>;
}

/** The id of the job of a call. */
export function toolJobId(liveId: string, callId: string): string {
  return `${liveId}.${callId}`;
}
