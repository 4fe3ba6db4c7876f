import { ParleyError } from '@parley/kernel';
import { ToolState, type AgentCatalog, type ToolJob } from '@parley/live';

/** Finds the code of a tool job among the agents that this process has loaded, and runs it. */
export async function runTool(agents: AgentCatalog, job: ToolJob, signal: AbortSignal): Promise<unknown> {
  const tool = agents.get(job.agentName)?.tools.find((candidate) => candidate.name === job.toolName);
  if (!tool) {
    throw new ParleyError('tool_failed', `Agent "${job.agentName}" has no tool "${job.toolName}" here.`, {
      kind: 'not_found',
    });
  }
  return tool.run(job.args, {
    agentName: job.agentName,
    userId: job.userId,
    sessionId: job.sessionId,
    functionCallId: job.callId,
    state: new ToolState({}),
    signal,
  });
}
