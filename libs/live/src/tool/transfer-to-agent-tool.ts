import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { TRANSFER_TO_AGENT } from './reserved-tool-names.js';
import { RuntimeTool } from './runtime-tool.js';
import type { ToolContext } from './tool-context.js';

/** ADK JS says `agentName`, ADK Python `agent_name`: models that were trained on either are understood. */
const target = z
  .looseObject({ agentName: z.string().optional(), agent_name: z.string().optional() })
  .transform(({ agentName, agent_name }) => agentName ?? agent_name);

/** ADK's TransferToAgentTool: the model hands the conversation over to one of the agents that it may hand over to. */
export class TransferToAgentTool extends RuntimeTool {
  readonly #targets: readonly string[];

  /** @param targets from `AgentTree.transferTargetsOf`; at least one. */
  constructor(targets: readonly { readonly name: string }[]) {
    const names = targets.map(({ name }) => name);
    super({
      name: TRANSFER_TO_AGENT,
      description:
        'Transfer the question to another agent. Use it when another agent is more suitable to answer the question according to its description.',
      parametersJsonSchema: {
        type: 'object',
        properties: {
          agentName: { type: 'string', enum: names, description: 'The agent to transfer to.' },
        },
        required: ['agentName'],
      },
    });
    this.#targets = names;
  }

  async run(args: unknown, { actions }: ToolContext): Promise<string> {
    const name = target.safeParse(args).data;
    if (name === undefined || !this.#targets.includes(name)) {
      throw new ParleyError(
        'invalid_message',
        `There is no agent "${name ?? ''}" to transfer to. Agents: ${this.#targets.join(', ')}.`,
        { kind: 'invalid_argument' },
      );
    }
    actions.transferToAgent = name;
    return 'Transfer queued';
  }
}
