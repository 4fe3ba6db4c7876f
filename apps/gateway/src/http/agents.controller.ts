import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { LlmAgent, type AgentCatalog, type BaseAgent } from '@parley/live';
import { AGENTS } from '../tokens.js';
import { ApiKeyGuard } from './api-key.guard.js';

interface AgentView {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly { readonly name: string; readonly description: string; readonly where: string }[];
  /** Whom it may hand over to. */
  readonly subAgents: readonly AgentView[];
}

@Controller('v1/agents')
@UseGuards(ApiKeyGuard)
export class AgentsController {
  readonly #agents: AgentCatalog;

  constructor(@Inject(AGENTS) agents: AgentCatalog) {
    this.#agents = agents;
  }

  @Get()
  list(): { readonly agents: readonly AgentView[] } {
    return { agents: [...this.#agents.values()].map(viewOf) };
  }
}

function viewOf(agent: BaseAgent): AgentView {
  const tools = agent instanceof LlmAgent ? agent.tools : [];
  return {
    name: agent.name,
    description: agent.description,
    tools: tools.map(({ name, description, where }) => ({ name, description, where })),
    subAgents: agent.subAgents.map(viewOf),
  };
}
