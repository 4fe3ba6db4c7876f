import { TASK_COMPLETED } from './reserved-tool-names.js';
import { RuntimeTool } from './runtime-tool.js';
import type { ToolContext } from './tool-context.js';

/** By it the agents of a SequentialAgent say that it is the next one's turn. [src: adk-python sequential_agent.py] */
export class TaskCompletedTool extends RuntimeTool {
  constructor() {
    super({
      name: TASK_COMPLETED,
      description: 'Signals that the agent has successfully completed the question or task of the user.',
      parametersJsonSchema: { type: 'object', properties: {} },
    });
  }

  async run(_args: unknown, { actions }: ToolContext): Promise<string> {
    actions.endOfAgent = true;
    return 'Task completion signaled.';
  }
}
