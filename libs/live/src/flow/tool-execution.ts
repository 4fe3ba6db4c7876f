import { ParleyError } from '@parley/kernel';
import type { ToolArgs } from '../agent/callbacks.js';
import type { SessionKey } from '../session/session-service.js';
import type { BaseTool } from '../tool/base-tool.js';
import { STOP_STREAMING } from '../tool/reserved-tool-names.js';
import { functionToStop } from '../tool/stop-streaming-tool.js';
import type { ToolContext } from '../tool/tool-context.js';
import { toolJobId, type ToolJobs } from '../tool/tool-jobs.js';

export interface ToolExecution {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly jobs: ToolJobs | undefined;
  readonly stopStreams: (name: string) => Promise<unknown>;
  /** What a tool has to wait for before it starts; undefined: nothing. */
  readonly mayStart?: (() => Promise<void> | undefined) | undefined;
}

/** Starts a tool's code where it belongs: in the runtime, on a tool-runner, or here. */
export async function executeTool(
  execution: ToolExecution,
  tool: BaseTool,
  args: ToolArgs,
  context: ToolContext,
): Promise<unknown> {
  const held = execution.mayStart?.();
  if (held) {
    await held;
    context.signal.throwIfAborted();
  }
  if (tool.name === STOP_STREAMING) return execution.stopStreams(functionToStop(args));
  if (tool.where === 'runner' && tool.kind !== 'streaming') return runAsJob(execution, tool, args, context);
  return tool.run(args, context);
}

async function runAsJob(
  { key, liveId, jobs }: ToolExecution,
  tool: BaseTool,
  args: ToolArgs,
  { agentName, functionCallId, signal }: ToolContext,
): Promise<unknown> {
  if (!jobs) {
    throw new ParleyError('tool_backend_unavailable', 'Tools of this kind can not run here.', {
      retryable: true,
    });
  }
  const { tenantId, userId, sessionId } = key;
  const outcome = await jobs.run(
    {
      jobId: toolJobId(liveId, functionCallId),
      tenantId,
      userId,
      sessionId,
      liveId,
      callId: functionCallId,
      agentName,
      toolName: tool.name,
      args,
      timeoutMs: tool.timeoutMs,
    },
    signal,
  );
  if (outcome.ok) return outcome.result;
  throw new ParleyError('tool_failed', outcome.error);
}
