import type { Content, Event } from '@parley/event';
import type { BaseAgent } from '../agent/base-agent.js';
import type { CallbackContext } from '../agent/callback-context.js';
import { firstAnswer } from '../agent/callbacks.js';
import { LlmAgent } from '../agent/llm-agent.js';
import { LoopAgent } from '../agent/loop-agent.js';
import { SequentialAgent } from '../agent/sequential-agent.js';
import { ContentFlow } from '../flow/content-flow.js';
import type { ContentOutcome } from '../flow/content-outcome.js';
import { asyncCallbackContext, type AsyncInvocation } from './async-invocation.js';
import { untilEnded } from './run-bounds.js';

/** What is left of an outcome outside the agents that it concerned. */
type AgentOutcome = Exclude<ContentOutcome, { kind: 'transfer' }>;
type AgentEvents<Outcome = AgentOutcome> = AsyncGenerator<Event, Outcome, undefined>;

/**
 * Walks the agents of one `runAsync`: one at a time. Follows transfers, sequences and loops; asks the before- and
 * after-callbacks each time an agent comes and goes.
 *
 * 1. An agent whose before-callback answers is passed over; those after it in a sequence have their turn.
 * 2. A run that begins at an agent inside a sequence or a loop goes on with what comes after it there.
 */
export class AsyncAgentRun {
  readonly #invocation: AsyncInvocation;

  constructor(invocation: AsyncInvocation) {
    this.#invocation = invocation;
  }

  run(agent: BaseAgent): AgentEvents {
    const way = this.#wayTo(agent);
    return this.#line(way.find(isWorkflow) ?? agent, way);
  }

  /** `first` (or, on the way to where the run begins, that agent), and whomever it hands over to. */
  async *#line(first: BaseAgent, way: readonly BaseAgent[] = []): AgentEvents {
    let agent = way.slice(way.indexOf(first)).find(isWorkflow) ?? way.at(-1) ?? first;
    let escalated = false;
    for (let onTheWay = way; ; onTheWay = []) {
      const outcome = yield* this.#visit(agent, onTheWay);
      if (outcome.kind === 'done') return { kind: 'done', escalated: escalated || outcome.escalated };
      if (outcome.kind !== 'transfer') return outcome;
      escalated ||= outcome.escalated;
      const next = this.#invocation.tree.find(outcome.to);
      if (!next) return { kind: 'done', escalated };
      agent = next;
    }
  }

  async *#visit(agent: BaseAgent, way: readonly BaseAgent[]): AgentEvents<ContentOutcome> {
    const { plugins } = this.#invocation;
    const context = asyncCallbackContext(this.#invocation, agent.name);
    const instead = await untilEnded(
      this.#invocation,
      (async () =>
        (await plugins.ask('beforeAgentCallback', { agent, context })) ??
        (await firstAnswer(agent.beforeAgentCallback, context)))(),
    );
    yield* this.#tell(agent, context, instead);
    const outcome: ContentOutcome = instead
      ? { kind: 'done', escalated: false }
      : yield* this.#work(agent, way);
    yield* this.#leave(agent);
    return outcome;
  }

  #work(agent: BaseAgent, way: readonly BaseAgent[]): AgentEvents<ContentOutcome> {
    if (agent instanceof LlmAgent) return new ContentFlow(this.#invocation, agent).run();
    if (agent instanceof SequentialAgent) return this.#sequence(agent, way);
    if (agent instanceof LoopAgent) return this.#loop(agent, way);
    throw new TypeError(`Agent ${agent.name} can not be run.`);
  }

  async *#sequence({ subAgents }: BaseAgent, way: readonly BaseAgent[]): AgentEvents {
    let escalated = false;
    for (const [at, child] of remaining(subAgents, way).entries()) {
      const outcome = yield* this.#line(child, at === 0 && way.includes(child) ? way : []);
      if (outcome.kind !== 'done') return outcome;
      escalated ||= outcome.escalated;
    }
    return { kind: 'done', escalated };
  }

  /** [src: adk-python loop_agent.py] */
  async *#loop({ subAgents, maxIterations = Infinity }: LoopAgent, way: readonly BaseAgent[]): AgentEvents {
    let onTheWay = way;
    for (let round = 0; round < maxIterations; round++) {
      for (const child of remaining(subAgents, onTheWay)) {
        const outcome = yield* this.#line(child, onTheWay.includes(child) ? onTheWay : []);
        onTheWay = [];
        if (outcome.kind !== 'done' || outcome.escalated) return outcome;
      }
    }
    return { kind: 'done', escalated: false };
  }

  async *#leave(agent: BaseAgent): AgentEvents<void> {
    const { plugins } = this.#invocation;
    const context = asyncCallbackContext(this.#invocation, agent.name);
    const said = await untilEnded(
      this.#invocation,
      (async () =>
        (await plugins.ask('afterAgentCallback', { agent, context })) ??
        (await firstAnswer(agent.afterAgentCallback, context)))(),
    );
    yield* this.#tell(agent, context, said);
  }

  async *#tell(
    agent: BaseAgent,
    { state, artifactDelta }: CallbackContext,
    content: Content | undefined,
  ): AgentEvents<void> {
    const changed = Object.keys(state.delta).length > 0 || Object.keys(artifactDelta).length > 0;
    if (!content && !changed) return;
    const actions = { stateDelta: state.delta, artifactDelta };
    yield await this.#invocation.events.tell(agent.name, {
      ...(content ? { content: { role: 'model', ...content } } : {}),
      actions,
    });
  }

  /** From the root to `agent`. */
  #wayTo(agent: BaseAgent): readonly BaseAgent[] {
    const way: BaseAgent[] = [];
    for (let at: BaseAgent | undefined = agent; at; at = this.#invocation.tree.parentOf(at)) way.unshift(at);
    return way;
  }
}

function isWorkflow(agent: BaseAgent): boolean {
  return !(agent instanceof LlmAgent);
}

/** Those from the one on the way on; all where none is. */
function remaining(agents: readonly BaseAgent[], way: readonly BaseAgent[]): readonly BaseAgent[] {
  return agents.slice(
    Math.max(
      0,
      agents.findIndex((agent) => way.includes(agent)),
    ),
  );
}
