import type { Content } from '@parley/event';
import { toParleyError, type ParleyError } from '@parley/kernel';
import type { BaseAgent } from '../agent/base-agent.js';
import type { CallbackContext } from '../agent/callback-context.js';
import { firstAnswer } from '../agent/callbacks.js';
import { LlmAgent } from '../agent/llm-agent.js';
import { LoopAgent } from '../agent/loop-agent.js';
import { SequentialAgent } from '../agent/sequential-agent.js';
import type { ContinuedRun } from '../flow/continued-run.js';
import type { FlowOutcome } from '../flow/flow-outcome.js';
import { LiveFlow } from '../flow/live-flow.js';
import type { HandOver } from '../flow/session-opening.js';
import { callbackContext, type Invocation } from './invocation.js';
import { untilEnded, untilLongEnded } from './run-bounds.js';

/** What an agent is told of how it came to be on the line. */
interface Entry {
  readonly inSequence: boolean;
  readonly handedOver: HandOver | undefined;
  /** The first agent goes on where another process left the conversation. */
  readonly continued: ContinuedRun | undefined;
}

/** What is left of an outcome outside the agents that it concerned. */
export type AgentOutcome = Exclude<FlowOutcome, { kind: 'transfer' }>;

/**
 * Walks the agents of one invocation: one at a time is on the line. Follows transfers, sequences and loops; asks the
 * before- and after-callbacks each time an agent comes and goes.
 */
export class AgentRun {
  readonly #invocation: Invocation;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  run(agent: BaseAgent, continued?: ContinuedRun): Promise<AgentOutcome> {
    return this.#line(agent, { inSequence: false, handedOver: undefined, continued });
  }

  /** `agent`, and whomever it hands over to, until one of them is done. */
  async #line(first: BaseAgent, entry: Entry): Promise<AgentOutcome> {
    let agent = first;
    let { continued, handedOver } = entry;
    for (;;) {
      const outcome = await this.#visit(agent, { inSequence: entry.inSequence, handedOver, continued });
      continued = undefined;
      if (outcome.kind !== 'transfer') return outcome;
      const next = this.#invocation.tree.find(outcome.to);
      if (!next) throw new TypeError(`There is no agent ${outcome.to}.`);
      handedOver = { by: agent.name, atMs: outcome.atMs, because: 'transfer' };
      agent = next;
    }
  }

  async #visit(agent: BaseAgent, entry: Entry): Promise<FlowOutcome> {
    const { ended } = this.#invocation;
    const before = callbackContext(this.#invocation, agent.name);
    let instead: Content | undefined;
    try {
      instead = await untilEnded(this.#invocation, this.#ask('before', agent, before));
    } catch (thrown) {
      return ended.aborted ? { kind: 'closed' } : this.#failed(agent, toParleyError(thrown));
    }
    this.#tell(agent, before, instead);
    if (instead) {
      await this.#leave(agent);
      return { kind: 'closed' };
    }
    if (ended.aborted) return { kind: 'closed' };
    const outcome = await this.#talk(agent, entry);
    await this.#leave(agent);
    return outcome;
  }

  async #talk(agent: BaseAgent, entry: Entry): Promise<FlowOutcome> {
    if (agent instanceof LlmAgent) {
      return new LiveFlow({ invocation: this.#invocation, agent, ...entry }).run();
    }
    if (agent instanceof SequentialAgent) return this.#sequence(agent, entry);
    if (agent instanceof LoopAgent) return this.#loop(agent, entry);
    throw new TypeError(`Agent ${agent.name} can not talk.`);
  }

  async #sequence({ subAgents }: BaseAgent, entry: Entry): Promise<AgentOutcome> {
    let { continued, handedOver } = entry;
    for (const child of subAgents) {
      const outcome = await this.#line(child, { inSequence: true, handedOver, continued });
      continued = undefined;
      if (outcome.kind !== 'completed') return outcome;
      handedOver = { by: child.name, atMs: outcome.atMs, because: 'completed' };
    }
    return this.#completed();
  }

  async #loop(agent: LoopAgent, entry: Entry): Promise<AgentOutcome> {
    let { continued, handedOver } = entry;
    for (let round = 0; round < (agent.maxIterations ?? Infinity); round++) {
      const outcome = await this.#sequence(agent, { ...entry, handedOver, continued });
      continued = undefined;
      if (outcome.kind === 'escalated') break;
      if (outcome.kind !== 'completed') return outcome;
      const by = agent.subAgents.at(-1)?.name ?? agent.name;
      handedOver = { by, atMs: outcome.atMs, because: 'completed' };
    }
    return this.#completed();
  }

  #completed(): AgentOutcome {
    return { kind: 'completed', atMs: this.#invocation.clock.monotonicMs() };
  }

  /** Nothing depends on what comes of it: a callback that fails, or outlasts the run, is left to itself. */
  async #leave(agent: BaseAgent): Promise<void> {
    const { goesOnElsewhere, log } = this.#invocation;
    if (goesOnElsewhere()) return;
    const context = callbackContext(this.#invocation, agent.name);
    try {
      this.#tell(agent, context, await untilLongEnded(this.#invocation, this.#ask('after', agent, context)));
    } catch (error) {
      log.error('an afterAgent callback failed', {
        agent: agent.name,
        error: error instanceof Error ? error.name : 'unknown',
      });
    }
  }

  async #ask(
    when: 'before' | 'after',
    agent: BaseAgent,
    context: CallbackContext,
  ): Promise<Content | undefined> {
    const { plugins } = this.#invocation;
    return (
      (await plugins.ask(`${when}AgentCallback`, { agent, context })) ??
      (await firstAnswer(agent[`${when}AgentCallback`], context))
    );
  }

  #failed({ name }: BaseAgent, error: ParleyError): AgentOutcome {
    const { stream, events } = this.#invocation;
    stream.emit(events.error(name, error, 'session'));
    return { kind: 'failed', error };
  }

  #tell(agent: BaseAgent, { state, artifactDelta }: CallbackContext, content: Content | undefined): void {
    const changed = Object.keys(state.delta).length > 0 || Object.keys(artifactDelta).length > 0;
    if (!content && !changed) return;
    const { stream, events } = this.#invocation;
    const actions = { stateDelta: state.delta, artifactDelta };
    stream.emit(
      events.make(agent.name, { ...(content ? { content: { role: 'model', ...content } } : {}), actions }),
    );
  }
}
