import { ParleyError } from '@parley/kernel';
import type { SpeechConfig } from '../runner/run-config.js';
import type { BaseTool } from '../tool/base-tool.js';
import { BaseAgent, type BaseAgentConfig } from './base-agent.js';
import type {
  AfterModelCallback,
  AfterToolCallback,
  BeforeModelCallback,
  BeforeToolCallback,
  OneOrMany,
  OnToolErrorCallback,
} from './callbacks.js';
import type { InstructionProvider } from './instruction-provider.js';

export interface LlmAgentConfig extends BaseAgentConfig {
  /**
   * What the agent is told; `{key}` is replaced by the session's state, `{key?}` by nothing when it is missing,
   * `{artifact.name}` by a file's text. A function's answer is used as it is.
   */
  readonly instruction: string | InstructionProvider;
  /** Told to every agent of the tree, before its own instruction; counts on the root only. */
  readonly globalInstruction?: string | InstructionProvider;
  /** Default: the service's model. */
  readonly model?: string;
  readonly tools?: readonly BaseTool[];
  /** The agent's own voice; wins over the run's. */
  readonly speechConfig?: SpeechConfig;
  readonly disallowTransferToParent?: boolean;
  readonly disallowTransferToPeers?: boolean;
  /** `none`: the agent is told nothing of the conversation before it. */
  readonly includeContents?: 'default' | 'none';
  /** The agent's last words of a turn are kept in the state under this key. */
  readonly outputKey?: string;
  readonly beforeModelCallback?: OneOrMany<BeforeModelCallback>;
  readonly afterModelCallback?: OneOrMany<AfterModelCallback>;
  readonly beforeToolCallback?: OneOrMany<BeforeToolCallback>;
  readonly afterToolCallback?: OneOrMany<AfterToolCallback>;
  readonly onToolErrorCallback?: OneOrMany<OnToolErrorCallback>;
}

/** ADK's LlmAgent: one that talks through a model. */
export class LlmAgent extends BaseAgent {
  readonly instruction: string | InstructionProvider;
  readonly globalInstruction: string | InstructionProvider | undefined;
  readonly model: string | undefined;
  readonly tools: readonly BaseTool[];
  readonly speechConfig: SpeechConfig | undefined;
  readonly disallowTransferToParent: boolean;
  readonly disallowTransferToPeers: boolean;
  readonly includeContents: 'default' | 'none';
  readonly outputKey: string | undefined;
  readonly beforeModelCallback: OneOrMany<BeforeModelCallback> | undefined;
  readonly afterModelCallback: OneOrMany<AfterModelCallback> | undefined;
  readonly beforeToolCallback: OneOrMany<BeforeToolCallback> | undefined;
  readonly afterToolCallback: OneOrMany<AfterToolCallback> | undefined;
  readonly onToolErrorCallback: OneOrMany<OnToolErrorCallback> | undefined;

  constructor(config: LlmAgentConfig) {
    super(config);
    const names = (config.tools ?? []).map((tool) => tool.name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new ParleyError('invalid_config', `Agent ${config.name} has two tools named "${twice}".`, {
        kind: 'invalid_argument',
      });
    }
    this.instruction = config.instruction;
    this.globalInstruction = config.globalInstruction;
    this.model = config.model;
    this.tools = Object.freeze([...(config.tools ?? [])]);
    this.speechConfig = config.speechConfig;
    this.disallowTransferToParent = config.disallowTransferToParent ?? false;
    this.disallowTransferToPeers = config.disallowTransferToPeers ?? false;
    this.includeContents = config.includeContents ?? 'default';
    this.outputKey = config.outputKey;
    this.beforeModelCallback = config.beforeModelCallback;
    this.afterModelCallback = config.afterModelCallback;
    this.beforeToolCallback = config.beforeToolCallback;
    this.afterToolCallback = config.afterToolCallback;
    this.onToolErrorCallback = config.onToolErrorCallback;
    Object.freeze(this);
  }
}
