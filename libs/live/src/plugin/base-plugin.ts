import type { Content, Event } from '@parley/event';
import type { BaseAgent } from '../agent/base-agent.js';
import type { CallbackContext } from '../agent/callback-context.js';
import type {
  AfterToolCallback,
  Answer,
  BeforeToolCallback,
  OnToolErrorCallback,
} from '../agent/callbacks.js';
import type { LlmRequest, LlmResponse } from '../model/llm.js';

/** What a plugin is told of a run. */
export interface PluginInvocation {
  readonly invocationId: string;
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly agentName: string;
}

/**
 * ADK's BasePlugin: looks at, and may change, every run of a Runner. Plugins come before the agents' own callbacks,
 * in the order in which they were given; the first that answers wins. All methods are optional.
 */
export interface BasePlugin {
  readonly name: string;
  /** Content: told as one event (author `model`), and the run ends before a connection is opened. */
  beforeRunCallback?(params: { readonly invocation: PluginInvocation }): Answer<Content>;
  /** Another content to take the place of what the user typed. */
  onUserMessageCallback?(params: {
    readonly invocation: PluginInvocation;
    readonly userMessage: Content;
  }): Answer<Content>;
  /** Another event to be told and stored; id, invocationId, timestamp and seq stay those of `event`. */
  onEventCallback?(params: { readonly invocation: PluginInvocation; readonly event: Event }): Answer<Event>;
  /** Exactly once for each run, however it ended. */
  afterRunCallback?(params: {
    readonly invocation: PluginInvocation;
    readonly error?: Error;
  }): void | Promise<void>;
  beforeAgentCallback?(params: {
    readonly agent: BaseAgent;
    readonly context: CallbackContext;
  }): Answer<Content>;
  afterAgentCallback?(params: {
    readonly agent: BaseAgent;
    readonly context: CallbackContext;
  }): Answer<Content>;
  beforeModelCallback?(params: {
    readonly context: CallbackContext;
    readonly request: LlmRequest;
  }): Answer<LlmResponse>;
  afterModelCallback?(params: {
    readonly context: CallbackContext;
    readonly response: LlmResponse;
  }): Answer<LlmResponse>;
  beforeToolCallback?(params: Parameters<BeforeToolCallback>[0]): ReturnType<BeforeToolCallback>;
  afterToolCallback?(params: Parameters<AfterToolCallback>[0]): ReturnType<AfterToolCallback>;
  onToolErrorCallback?(params: Parameters<OnToolErrorCallback>[0]): ReturnType<OnToolErrorCallback>;
}
