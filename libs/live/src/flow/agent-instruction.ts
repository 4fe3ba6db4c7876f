import type { AgentTree } from '../agent/agent-tree.js';
import type { LlmAgent } from '../agent/llm-agent.js';

/** What the runtime tells an agent besides its own instruction. [src: adk-python agent_transfer.py, sequential_agent.py] */
export function instructionFor(agent: LlmAgent, tree: AgentTree, inSequence: boolean): string {
  const told: string[] = [];
  const targets = tree.transferTargetsOf(agent);
  if (targets.length > 0) {
    const list = targets.map(
      ({ name, description }) => `Agent name: ${name}\nAgent description: ${description || 'none'}`,
    );
    told.push(
      [
        'You have a list of other agents to transfer to:',
        ...list,
        'If one of them is better placed to answer according to its description, call transfer_to_agent with its name and say nothing else.',
      ].join('\n\n'),
    );
  }
  if (inSequence) {
    told.push(
      'When the task that you were given is done, call task_completed so that the next agent can go on. ' +
        'Say nothing in the turn in which you call it.',
    );
  }
  return told.join('\n\n');
}
