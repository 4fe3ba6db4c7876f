import type { Content, FunctionCall, FunctionResponse } from '@parley/event';
import { ManualClock, settle } from '@parley-testing/kernel';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import type { EventDraft } from '../flow/event-factory.js';
import { ToolDispatch, type ToolDispatchParts } from '../flow/tool-dispatch.js';
import type { LiveModelCapabilities } from '../model/live-model.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import { PluginManager } from '../plugin/plugin-manager.js';
import type { BaseTool } from '../tool/base-tool.js';
import { toolSetOf, type ToolSetOptions } from '../tool/tool-set.js';

/** Takes results in parts, and is told when to speak of them. */
export const ASYNC_MODEL: LiveModelCapabilities = {
  textModality: false,
  asyncTools: true,
  responseScheduling: true,
};
/** Waits for each result, and takes one. */
export const SYNC_MODEL: LiveModelCapabilities = {
  textModality: false,
  asyncTools: false,
  responseScheduling: false,
};

export interface ToolSceneOptions extends Partial<Omit<ToolDispatchParts, 'agent' | 'tools' | 'plugins'>> {
  readonly tools?: readonly BaseTool[];
  readonly toolSet?: ToolSetOptions;
  readonly callbacks?: Partial<LlmAgentConfig>;
  readonly plugins?: readonly BasePlugin[];
}

/** A `ToolDispatch` whose model and client write down what they hear. */
export class ToolScene {
  readonly clock: ManualClock;
  /** One entry for each message to the model. */
  readonly toModel: (readonly FunctionResponse[])[] = [];
  readonly told: Content[] = [];
  readonly events: EventDraft[] = [];
  /** In which order things went out. */
  readonly order: ('respond' | 'tell' | 'emit')[] = [];
  readonly dispatch: ToolDispatch;

  constructor(options: ToolSceneOptions = {}) {
    const { tools = [], toolSet = {}, callbacks = {}, plugins = [], clock, ...rest } = options;
    this.clock = clock instanceof ManualClock ? clock : new ManualClock();
    let ids = 0;
    this.dispatch = new ToolDispatch({
      agent: new LlmAgent({ name: 'helper', instruction: 'Help.', tools, ...callbacks }),
      tools: toolSetOf(tools, toolSet),
      plugins: new PluginManager(plugins),
      capabilities: ASYNC_MODEL,
      identity: {
        invocationId: 'e-1',
        liveId: 'live_1',
        key: { tenantId: 't', appName: 'helper', userId: 'u', sessionId: 's' },
      },
      state: () => ({ mood: 'calm' }),
      artifacts: undefined,
      memory: undefined,
      jobs: undefined,
      newId: (prefix) => `${prefix}_${(ids += 1)}`,
      ...rest,
      clock: this.clock,
      sink: {
        emit: (draft) => {
          this.order.push('emit');
          this.events.push(draft);
        },
        respond: (responses) => {
          this.order.push('respond');
          this.toModel.push(responses);
        },
        tell: (content) => {
          this.order.push('tell');
          this.told.push(content);
        },
      },
    });
  }

  /** The model calls, and what follows at once has happened. */
  async call(...calls: readonly (Partial<FunctionCall> & { readonly name: string })[]): Promise<void> {
    this.dispatch.call(calls.map((call, at) => ({ id: `c${at + 1}`, args: {}, ...call })));
    await settle(200);
  }

  /** Stops everything, with all the time that this may take. */
  async end(): Promise<{ readonly stuck: readonly string[] }> {
    const stopping = this.dispatch.stopAll();
    await this.clock.advance(1_000);
    return stopping;
  }

  /** All that the model heard of a call, in order. */
  heardOf(id: string): readonly FunctionResponse[] {
    return this.toModel.flat().filter((response) => response.id === id);
  }

  /** The newest event. */
  get event(): EventDraft {
    const newest = this.events.at(-1);
    if (!newest) throw new Error('nothing was told yet');
    return newest;
  }
}

export async function waitFor(clock: ManualClock, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    clock.after(ms, resolve);
  });
}
