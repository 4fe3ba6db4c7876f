import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import type { AgentCatalog } from '@parley/live';
import { AGENTS } from '../tokens.js';
import { ApiKeyGuard } from './api-key.guard.js';

interface AgentView {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly { readonly name: string; readonly description: string; readonly where: string }[];
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
    return {
      agents: [...this.#agents.values()].map(({ name, description, tools }) => ({
        name,
        description,
        tools: tools.map((tool) => ({
          name: tool.name,
          description: tool.declaration.description,
          where: tool.where,
        })),
      })),
    };
  }
}
