import { ParleyError } from '@parley/kernel';
import { BaseAgent, type BaseAgentConfig } from './base-agent.js';

/**
 * ADK's SequentialAgent: its sub-agents talk one after the other. In live each says that it is done by calling
 * `task_completed`, which the runtime gives it for the run; the definitions stay as they are.
 */
export class SequentialAgent extends BaseAgent {
  constructor(config: BaseAgentConfig) {
    super(config);
    if (this.subAgents.length === 0) {
      throw new ParleyError('invalid_config', `SequentialAgent ${config.name} has no subAgents.`, {
        kind: 'invalid_argument',
      });
    }
    Object.freeze(this);
  }
}
