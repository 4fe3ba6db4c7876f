import { firstAnswer } from '../agent/callbacks.js';
import type { CallbackContext } from '../agent/callback-context.js';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LlmRequest, LlmResponse } from '../model/llm.js';
import { asyncCallbackContext, type AsyncInvocation } from '../runner/async-invocation.js';
import { verdictOf } from './guardrail-verdict.js';
import type { EventDraft } from './event-factory.js';

/**
 * The callbacks around one call of the model: `beforeModel` sees the whole request, `afterModel` each response, the
 * deltas too; what they answer takes its place. Plugins come first. Fail-closed: a callback that throws or takes
 * more than 10 s lets nothing through.
 */
export class ContentScreen {
  readonly #invocation: AsyncInvocation;
  readonly #agent: LlmAgent;
  readonly #context: CallbackContext;

  constructor(invocation: AsyncInvocation, agent: LlmAgent) {
    this.#invocation = invocation;
    this.#agent = agent;
    this.#context = asyncCallbackContext(invocation, agent.name);
  }

  before(request: LlmRequest): Promise<LlmResponse | undefined> {
    const { plugins } = this.#invocation;
    const params = { context: this.#context, request };
    return this.#verdict(
      async () =>
        (await plugins.ask('beforeModelCallback', params)) ??
        (await firstAnswer(this.#agent.beforeModelCallback, params)),
    );
  }

  async after(response: LlmResponse): Promise<LlmResponse> {
    const { plugins } = this.#invocation;
    if (!this.#agent.afterModelCallback && !plugins.has('afterModelCallback')) return response;
    const params = { context: this.#context, response };
    const instead = await this.#verdict(
      async () =>
        (await plugins.ask('afterModelCallback', params)) ??
        (await firstAnswer(this.#agent.afterModelCallback, params)),
    );
    if (!instead) return response;
    // An answer to a delta is a delta, unless it says otherwise.
    return response.partial === undefined ? instead : { partial: response.partial, ...instead };
  }

  /** What the callbacks have changed since it was asked last; rides on the next event that is stored. */
  takeActions(): NonNullable<EventDraft['actions']> {
    return { stateDelta: this.#context.state.takeDelta(), artifactDelta: { ...this.#context.artifactDelta } };
  }

  #verdict(ask: () => Promise<LlmResponse | undefined>): Promise<LlmResponse | undefined> {
    return verdictOf({ ...this.#invocation, agentName: this.#agent.name }, ask());
  }
}
