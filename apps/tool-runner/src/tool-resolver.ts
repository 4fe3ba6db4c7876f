import { ParleyError } from '@parley/kernel';
import {
  AgentTree,
  LlmAgent,
  ToolContext,
  type AgentCatalog,
  type BaseTool,
  type ToolJob,
} from '@parley/live';

/** Finds the code of a tool job among the agents that this process has loaded, and runs it. */
export async function runTool(agents: AgentCatalog, job: ToolJob, signal: AbortSignal): Promise<unknown> {
  const { tenantId, userId, sessionId, agentName, callId } = job;
  const itself = agents.get(agentName);
  for (const root of [...(itself ? [itself] : []), ...agents.values()]) {
    const tool = toolOf(new AgentTree(root).find(agentName), job.toolName);
    if (!tool) continue;
    const context = new ToolContext({
      invocationId: job.liveId,
      agentName,
      key: { tenantId, appName: root.name, userId, sessionId },
      state: {},
      signal,
      functionCallId: callId,
    });
    return tool.run(job.args, context);
  }
  throw new ParleyError('tool_failed', `Agent "${agentName}" has no tool "${job.toolName}" here.`, {
    kind: 'not_found',
  });
}

function toolOf(agent: unknown, name: string): BaseTool | undefined {
  return agent instanceof LlmAgent ? agent.tools.find((candidate) => candidate.name === name) : undefined;
}
