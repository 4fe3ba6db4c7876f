import { ParleyError } from '@parley/kernel';
import type { AfterAgentCallback, BeforeAgentCallback, OneOrMany } from './callbacks.js';

const AGENT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export interface BaseAgentConfig {
  /** A JavaScript-like identifier; `user` is taken. */
  readonly name: string;
  /** Other agents decide by it whether to hand over. */
  readonly description?: string;
  readonly subAgents?: readonly BaseAgent[];
  readonly beforeAgentCallback?: OneOrMany<BeforeAgentCallback>;
  readonly afterAgentCallback?: OneOrMany<AfterAgentCallback>;
}

/**
 * ADK's BaseAgent: a definition, shared by all sessions and never changed. It does not know its parent: one agent
 * may stand in several trees (see `AgentTree`).
 */
export abstract class BaseAgent {
  readonly name: string;
  readonly description: string;
  readonly subAgents: readonly BaseAgent[];
  readonly beforeAgentCallback: OneOrMany<BeforeAgentCallback> | undefined;
  readonly afterAgentCallback: OneOrMany<AfterAgentCallback> | undefined;

  constructor(config: BaseAgentConfig) {
    if (!AGENT_NAME.test(config.name) || config.name === 'user') {
      throw new ParleyError('invalid_config', `"${config.name}" is not an agent name.`, {
        kind: 'invalid_argument',
      });
    }
    this.name = config.name;
    this.description = config.description ?? '';
    this.subAgents = Object.freeze([...(config.subAgents ?? [])]);
    this.beforeAgentCallback = config.beforeAgentCallback;
    this.afterAgentCallback = config.afterAgentCallback;
  }
}
