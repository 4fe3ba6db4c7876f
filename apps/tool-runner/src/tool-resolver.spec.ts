import { FunctionTool, LlmAgent, type ToolJob } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { runTool } from './tool-resolver.js';

const whoAmI = new FunctionTool({
  name: 'who_am_i',
  description: '',
  execute: (_args, { agentName, appName, userId, functionCallId }) => [
    agentName,
    appName,
    userId,
    functionCallId,
  ],
});
const child = new LlmAgent({ name: 'child', instruction: '', tools: [whoAmI] });
const root = new LlmAgent({ name: 'root', instruction: '', subAgents: [child] });
const job: ToolJob = {
  jobId: 'live_1.c1',
  tenantId: 't',
  userId: 'u',
  sessionId: 's',
  liveId: 'live_1',
  callId: 'c1',
  agentName: 'child',
  toolName: 'who_am_i',
  args: {},
  timeoutMs: 1_000,
};
const { signal } = new AbortController();

describe('A tool job', () => {
  it('finds its tool at any agent of a tree', async () => {
    expect(await runTool(new Map([['root', root]]), job, signal)).toEqual(['child', 'root', 'u', 'c1']);
  });

  it('without a tool here says so', async () => {
    const unknown = runTool(new Map([['root', root]]), { ...job, toolName: 'gone' }, signal);
    await expect(unknown).rejects.toThrow('Agent "child" has no tool "gone" here.');
  });
});
