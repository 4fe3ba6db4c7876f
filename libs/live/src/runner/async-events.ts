import { mediaOf, type Event } from '@parley/event';
import type { Log } from '@parley/kernel';
import type { EventDraft, EventFactory } from '../flow/event-factory.js';
import type { PluginInvocation } from '../plugin/base-plugin.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { SessionStore } from '../session/session-store.js';

export interface AsyncEventsParts {
  readonly factory: EventFactory;
  readonly store: SessionStore;
  readonly plugins: PluginManager;
  readonly about: PluginInvocation;
  readonly log: Log;
}

/**
 * The one way of an event of a `runAsync`: plugins, then the session, then whoever reads the run, who is waited for.
 *
 * 1. What is told and what is stored is the same event, and the store knows it before it is told.
 * 2. `seq` counts what is told from 1 without gaps; media carry none.
 */
export class AsyncEvents {
  readonly #parts: AsyncEventsParts;
  #seq = 0;

  constructor(parts: AsyncEventsParts) {
    this.#parts = parts;
  }

  get invocationId(): string {
    return this.#parts.factory.invocationId;
  }

  make(author: string, draft: EventDraft): Event {
    return this.#parts.factory.make(author, draft);
  }

  /** Makes an event and stores it, if it is one to be stored; the caller yields it. */
  async tell(author: string, draft: EventDraft): Promise<Event> {
    const made = this.make(author, draft);
    const told = await this.#throughPlugins(mediaOf(made) ? made : { ...made, seq: ++this.#seq });
    this.#parts.store.append(told);
    await this.#parts.store.room();
    return told;
  }

  /** Keeps an event in the session that nobody is told of. */
  async keep(event: Event): Promise<void> {
    this.#parts.store.append(await this.#throughPlugins(event));
  }

  async #throughPlugins(event: Event): Promise<Event> {
    const { plugins, about, log } = this.#parts;
    if (!plugins.has('onEventCallback')) return event;
    try {
      return await plugins.eventOf(about, event);
    } catch (error) {
      log.error('a plugin failed on an event', { error: error instanceof Error ? error.name : 'unknown' });
      return event;
    }
  }
}
