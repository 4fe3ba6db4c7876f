import { ParleyError } from '@parley/kernel';
import type { Tool } from '../tool/function-tool.js';
import type { SpeechConfig } from '../runner/run-config.js';

const AGENT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export interface LlmAgentConfig {
  /** A JavaScript-like identifier; `user` is taken. */
  readonly name: string;
  readonly description?: string;
  /** What the agent is told; `{key}` is replaced by the session's state, `{key?}` by nothing when it is missing. */
  readonly instruction: string;
  /** Default: the service's model. */
  readonly model?: string;
  readonly tools?: readonly Tool[];
  /** The agent's own voice; wins over the run's. */
  readonly speechConfig?: SpeechConfig;
}

/** ADK's LlmAgent: a definition, shared by all sessions and never changed. */
export class LlmAgent {
  readonly name: string;
  readonly description: string;
  readonly instruction: string;
  readonly model: string | undefined;
  readonly tools: readonly Tool[];
  readonly speechConfig: SpeechConfig | undefined;

  constructor(config: LlmAgentConfig) {
    if (!AGENT_NAME.test(config.name) || config.name === 'user') {
      throw new ParleyError('invalid_config', `"${config.name}" is not an agent name.`, {
        kind: 'invalid_argument',
      });
    }
    const names = (config.tools ?? []).map((tool) => tool.name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new ParleyError('invalid_config', `Agent ${config.name} has two tools named "${twice}".`, {
        kind: 'invalid_argument',
      });
    }
    this.name = config.name;
    this.description = config.description ?? '';
    this.instruction = config.instruction;
    this.model = config.model;
    this.tools = Object.freeze([...(config.tools ?? [])]);
    this.speechConfig = config.speechConfig;
    Object.freeze(this);
  }
}
