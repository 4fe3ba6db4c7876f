import type { Content, Event } from '@parley/event';
import type { CallbackContext } from '../agent/callback-context.js';
import { firstAnswer } from '../agent/callbacks.js';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LlmResponse } from '../model/llm.js';
import { callbackContext, type Invocation } from '../runner/invocation.js';
import { verdictOf } from './guardrail-verdict.js';

/**
 * The guardrails of one agent: `beforeModel` looks at what the user typed or said, `afterModel` at what the model has
 * said so far. Plugins come first. A verdict is what to say instead, or undefined: nothing is wrong. Fail-closed: a
 * callback that throws or takes more than 10 s blocks.
 */
export class ModelScreen {
  readonly #invocation: Invocation;
  readonly #agent: LlmAgent;
  readonly screensInput: boolean;
  readonly screensOutput: boolean;

  constructor(invocation: Invocation, agent: LlmAgent) {
    this.#invocation = invocation;
    this.#agent = agent;
    const { plugins } = invocation;
    this.screensInput = agent.beforeModelCallback !== undefined || plugins.has('beforeModelCallback');
    this.screensOutput = agent.afterModelCallback !== undefined || plugins.has('afterModelCallback');
  }

  /** What the user said or typed. */
  input(content: Content): Promise<LlmResponse | undefined> {
    const { plugins, model } = this.#invocation;
    const context = callbackContext(this.#invocation, this.#agent.name, content);
    const request = { model: this.#agent.model ?? model.info.model, contents: [content] };
    return this.#verdict(
      context,
      async () =>
        (await plugins.ask('beforeModelCallback', { context, request })) ??
        (await firstAnswer(this.#agent.beforeModelCallback, { context, request })),
    );
  }

  /** All that the model has said in its turn. */
  output(text: string): Promise<LlmResponse | undefined> {
    const { plugins } = this.#invocation;
    const context = callbackContext(this.#invocation, this.#agent.name);
    const response: LlmResponse = { content: { role: 'model', parts: [{ text }] }, partial: true };
    return this.#verdict(
      context,
      async () =>
        (await plugins.ask('afterModelCallback', { context, response })) ??
        (await firstAnswer(this.#agent.afterModelCallback, { context, response })),
    );
  }

  /** What is told in place of what was blocked: the user's words in these events, or what the model was saying. */
  blockEvent(verdict: LlmResponse, eventIds: readonly string[]): Event {
    const { partial: _, ...told } = verdict;
    const draft = { ...told, turnComplete: true, blocked: { eventIds } };
    return this.#invocation.events.make(this.#agent.name, draft);
  }

  async #verdict(
    context: CallbackContext,
    ask: () => Promise<LlmResponse | undefined>,
  ): Promise<LlmResponse | undefined> {
    try {
      const { clock, log } = this.#invocation;
      return await verdictOf({ agentName: this.#agent.name, clock, log }, ask());
    } finally {
      this.#tellChanges(context);
    }
  }

  /** What the callbacks changed is an event of its own, whatever they say. */
  #tellChanges({ state, artifactDelta }: CallbackContext): void {
    const stateDelta = state.takeDelta();
    if (Object.keys(stateDelta).length === 0 && Object.keys(artifactDelta).length === 0) return;
    const { stream, events } = this.#invocation;
    stream.emit(events.make(this.#agent.name, { actions: { stateDelta, artifactDelta } }));
  }
}
