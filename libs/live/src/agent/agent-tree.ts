import type { Event } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import type { BaseAgent } from './base-agent.js';
import { LlmAgent } from './llm-agent.js';

/** A root agent and all below it. Names are unique in it; who is whose parent is known here and not by the agents. */
export class AgentTree {
  readonly root: BaseAgent;
  readonly #byName = new Map<string, BaseAgent>();
  readonly #parents = new Map<string, BaseAgent>();

  /** Throws `ParleyError` `invalid_config` when two agents share a name. */
  constructor(root: BaseAgent) {
    this.root = root;
    this.#add(root);
  }

  find(name: string): BaseAgent | undefined {
    return this.#byName.get(name);
  }

  parentOf(agent: BaseAgent): BaseAgent | undefined {
    return this.#parents.get(agent.name);
  }

  get size(): number {
    return this.#byName.size;
  }

  /**
   * Whom `agent` may hand over to: its sub-agents, its parent, its peers, as far as it allows.
   * [src: adk-python flows/llm_flows/agent_transfer.py]
   */
  transferTargetsOf(agent: LlmAgent): readonly BaseAgent[] {
    const parent = this.parentOf(agent);
    const targets = [...agent.subAgents];
    if (!(parent instanceof LlmAgent)) return targets;
    if (!agent.disallowTransferToParent) targets.push(parent);
    if (!agent.disallowTransferToPeers) {
      targets.push(...parent.subAgents.filter((peer) => peer.name !== agent.name));
    }
    return targets;
  }

  /**
   * Who talks first: the agent that spoke last, if the way from it up to the root is open to transfers, else the
   * root. [src: adk-python runners.py `_find_agent_to_run`]
   */
  agentToRun(events: readonly Event[]): BaseAgent {
    for (const event of events.toReversed()) {
      if (event.author === 'user') continue;
      const agent = this.#byName.get(event.author);
      if (agent && this.#isTransferable(agent)) return agent;
    }
    return this.root;
  }

  #isTransferable(agent: BaseAgent): boolean {
    for (let at: BaseAgent | undefined = agent; at && at !== this.root; at = this.parentOf(at)) {
      if (!(at instanceof LlmAgent) || at.disallowTransferToParent) return false;
    }
    return agent === this.root || this.root instanceof LlmAgent;
  }

  #add(agent: BaseAgent): void {
    if (this.#byName.has(agent.name)) {
      throw new ParleyError('invalid_config', `Two agents of one tree are named "${agent.name}".`, {
        kind: 'invalid_argument',
      });
    }
    this.#byName.set(agent.name, agent);
    for (const child of agent.subAgents) {
      this.#add(child);
      this.#parents.set(child.name, agent);
    }
  }
}
