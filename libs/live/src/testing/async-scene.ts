import type { Content, Event } from '@parley/event';
import { silentLog } from '@parley/kernel';
import { ManualClock } from '@parley-testing/kernel';
import { AgentTree } from '../agent/agent-tree.js';
import type { BaseAgent } from '../agent/base-agent.js';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import { PluginManager } from '../plugin/plugin-manager.js';
import { AsyncRun, type RunAsyncRequest } from '../runner/async-run.js';
import { parseRunConfig } from '../runner/run-config.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import type { SessionKey } from '../session/session-service.js';
import type { ScriptedLlm } from './scripted-llm.js';

export const key: SessionKey = { tenantId: 't', appName: 'app', userId: 'u', sessionId: 's' };

/** A session, its agents, and a model that answers as scripted. */
export class AsyncScene {
  readonly sessions = new InMemorySessionService();
  readonly clock = new ManualClock();
  readonly llm: ScriptedLlm;
  readonly #tree: AgentTree;
  readonly #plugins: PluginManager;
  #ids = 0;

  constructor(agent: BaseAgent, llm: ScriptedLlm, ...plugins: BasePlugin[]) {
    this.llm = llm;
    this.#tree = new AgentTree(agent);
    this.#plugins = new PluginManager(plugins);
  }

  async begin(): Promise<this> {
    await this.sessions.createSession(key);
    return this;
  }

  events(
    message: string | Content,
    {
      runConfig,
      ...more
    }: Partial<Omit<RunAsyncRequest, 'runConfig'>> & { readonly runConfig?: unknown } = {},
  ): AsyncGenerator<Event, void, undefined> {
    return new AsyncRun({
      key,
      newMessage: typeof message === 'string' ? { parts: [{ text: message }] } : message,
      runConfig: parseRunConfig(runConfig),
      sessions: this.sessions,
      llm: this.llm,
      tree: this.#tree,
      plugins: this.#plugins,
      log: silentLog,
      clock: this.clock,
      newId: (prefix) => `${prefix}_${++this.#ids}`,
      ...more,
    }).events();
  }

  async run(...given: Parameters<AsyncScene['events']>): Promise<Event[]> {
    const events: Event[] = [];
    for await (const event of this.events(...given)) events.push(event);
    return events;
  }

  async stored(): Promise<readonly Event[]> {
    return (await this.sessions.getSession(key))?.events ?? [];
  }
}

export function scene(
  config: Partial<LlmAgentConfig>,
  llm: ScriptedLlm,
  ...plugins: BasePlugin[]
): Promise<AsyncScene> {
  return new AsyncScene(agent('root', config), llm, ...plugins).begin();
}

export function agent(name: string, config: Partial<LlmAgentConfig> = {}): LlmAgent {
  return new LlmAgent({ name, instruction: `I am ${name}.`, ...config });
}

export function textOf({ content }: Event): string {
  return (content?.parts ?? []).map(({ text }) => text ?? '').join('|');
}
