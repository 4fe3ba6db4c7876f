import type { Event } from '@parley/event';
import type { BasePlugin, PluginInvocation } from './base-plugin.js';
import type { Answer } from '../agent/callbacks.js';

/** The methods of a plugin that may answer, with what they are given and what they answer. */
type Hook = Exclude<keyof BasePlugin, 'name' | 'afterRunCallback'>;
type Params<K extends Hook> = Parameters<NonNullable<BasePlugin[K]>>[0];
type Reply<K extends Hook> = Exclude<Awaited<ReturnType<NonNullable<BasePlugin[K]>>>, void | undefined>;

/** ADK's PluginManager: asks the plugins in their order until one answers. What a plugin throws comes out. */
export class PluginManager {
  readonly #plugins: readonly BasePlugin[];

  constructor(plugins: readonly BasePlugin[]) {
    this.#plugins = plugins;
  }

  /** Whether any plugin has the method, so that hot paths need not wait for nothing. */
  has(hook: Hook): boolean {
    return this.#plugins.some((plugin) => plugin[hook] !== undefined);
  }

  async ask<K extends Hook>(hook: K, params: Params<K>): Promise<Reply<K> | undefined> {
    for (const plugin of this.#plugins) {
      const method = plugin[hook] as ((given: Params<K>) => Answer<Reply<K>>) | undefined;
      const answer = await method?.call(plugin, params);
      if (answer !== undefined && answer !== null) return answer;
    }
    return undefined;
  }

  /** The event as the plugins want it; who and when it is stays. */
  async eventOf(invocation: PluginInvocation, event: Event): Promise<Event> {
    const other = await this.ask('onEventCallback', { invocation, event });
    if (!other) return event;
    const { id, invocationId, timestamp, seq } = event;
    return { ...other, id, invocationId, timestamp, ...(seq === undefined ? {} : { seq }) };
  }

  /** Tells every plugin that the run is over; one that throws does not keep the others from hearing it. */
  async afterRun(params: Parameters<NonNullable<BasePlugin['afterRunCallback']>>[0]): Promise<void> {
    const told = await Promise.allSettled(
      this.#plugins.map(async (plugin) => plugin.afterRunCallback?.(params)),
    );
    const failed = told.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
