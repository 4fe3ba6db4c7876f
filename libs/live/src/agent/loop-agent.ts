import { ParleyError } from '@parley/kernel';
import { BaseAgent, type BaseAgentConfig } from './base-agent.js';

export interface LoopAgentConfig extends BaseAgentConfig {
  /** Rounds at most; without it only `escalate` ends the loop. */
  readonly maxIterations?: number;
}

/** ADK's LoopAgent: its sub-agents in turn, again and again, until one's tool sets `actions.escalate`. */
export class LoopAgent extends BaseAgent {
  readonly maxIterations: number | undefined;

  constructor(config: LoopAgentConfig) {
    super(config);
    if (this.subAgents.length === 0) {
      throw new ParleyError('invalid_config', `LoopAgent ${config.name} has no subAgents.`, {
        kind: 'invalid_argument',
      });
    }
    this.maxIterations = config.maxIterations;
    Object.freeze(this);
  }
}
