import { mediaOf, type Event } from '@parley/event';
import { AsyncQueue, ParleyError, type Clock, type Log, withinBounds } from '@parley/kernel';
import { TurnTracker } from '../flow/turn-tracker.js';
import type { PluginInvocation } from '../plugin/base-plugin.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import { withoutTemporary } from '../session/state-scope.js';
import type { SessionStore } from '../session/session-store.js';
import type { Continuation } from './runner-options.js';

/** Events that may wait for the consumer; a consumer that far behind has stopped reading. */
const MAX_WAITING_EVENTS = 8_192;
/** A plugin that takes longer over an event has nothing to say about it. */
const PLUGIN_MS = 10_000;
/** How long plugins may look at the last events of a run. */
const LAST_EVENTS_MS = 500;

export interface EventStreamParts {
  readonly store: SessionStore;
  readonly plugins: PluginManager;
  readonly invocation: () => PluginInvocation;
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody reads: the run has to end. */
  readonly onStuck: () => void;
  /** Where the numbers of events and turns go on. */
  readonly continuation: Continuation | undefined;
}

/**
 * The one way of an event: plugins, then the session, then whoever reads the run.
 *
 * 1. `emit` never waits. Events come out in the order they were emitted, across agents and connections.
 * 2. What is told and what is stored is the same event, but for a `storedLater` patch (what the user really heard).
 * 3. `seq` counts from 1 without gaps, in a run that goes on from where it was; media carry none, because `discardMedia` may take them back.
 * 4. After `close` what is queued still comes out.
 */
export class EventStream implements AsyncIterable<Event> {
  readonly #parts: EventStreamParts;
  readonly #out = new AsyncQueue<Event>({ capacity: MAX_WAITING_EVENTS });
  readonly #hasPlugins: boolean;
  readonly #turns: TurnTracker;
  #seq: number;
  /** Rises with each `discardMedia`, so that media in a plugin's hands are taken back, too. */
  #mediaGeneration = 0;
  #inPlugins = 0;
  /** Aborts when plugins are waited for no longer. */
  readonly #pluginsDone = new AbortController();
  #ended = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#turns = new TurnTracker(parts.continuation);
    this.#seq = parts.continuation?.seq ?? 0;
    this.#hasPlugins = parts.plugins.has('onEventCallback');
  }

  /** The turn that the model's next output belongs to, as every reader of the stream counts it. */
  get turn(): number {
    return this.#turns.current;
  }

  emit(event: Event, storedLater?: Promise<Partial<Event>>): void {
    if (this.#ended) return;
    this.#turns.turnOf(event);
    const numbered = mediaOf(event) ? event : { ...event, seq: ++this.#seq };
    if (!this.#hasPlugins) return this.#deliver(numbered, storedLater);
    const generation = this.#mediaGeneration;
    this.#inOrder(async () => {
      const told = await this.#throughPlugins(numbered);
      if (mediaOf(told) && generation !== this.#mediaGeneration) return;
      this.#deliver(told, storedLater);
    });
  }

  /** Keeps an event in the session that nobody is told of. */
  keep(event: Event): void {
    if (!this.#hasPlugins) return this.#parts.store.append(event);
    this.#inOrder(async () => this.#parts.store.append(await this.#throughPlugins(event)));
  }

  /** Takes back every media event that has not been read yet. */
  discardMedia(): void {
    this.#mediaGeneration += 1;
    this.#out.discard((event) => mediaOf(event) !== undefined);
  }

  /** Resolves when all that was emitted so far is in the session's state and events. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /** Lets out what is under way, then ends. */
  async close(): Promise<void> {
    const { clock } = this.#parts;
    const cancel = clock.after(LAST_EVENTS_MS, () => this.#pluginsDone.abort());
    await this.#tail;
    cancel();
    this.#ended = true;
    this.#out.close();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    return this.#out[Symbol.asyncIterator]();
  }

  #inOrder(step: () => Promise<void>): void {
    if (this.#inPlugins >= MAX_WAITING_EVENTS) return this.#stuck();
    this.#inPlugins += 1;
    this.#tail = this.#tail.then(step).finally(() => {
      this.#inPlugins -= 1;
    });
  }

  async #throughPlugins(event: Event): Promise<Event> {
    const { plugins, invocation, clock, log } = this.#parts;
    const { signal } = this.#pluginsDone;
    if (signal.aborted) return event;
    try {
      const asked = plugins.eventOf(invocation(), event);
      const onExpiry = (): Error => new ParleyError('internal', 'A plugin took too long.');
      return await withinBounds(asked, { clock, withinMs: PLUGIN_MS, signal, onExpiry });
    } catch (error) {
      log.error('a plugin failed on an event', { error: error instanceof Error ? error.name : 'unknown' });
      return event;
    }
  }

  #deliver(event: Event, storedLater: Promise<Partial<Event>> | undefined): void {
    if (storedLater) this.#parts.store.appendLater(event, storedLater);
    else this.#parts.store.append(event);
    if (!this.#out.push(withoutTemporaryState(event)) && !this.#out.closed) this.#stuck();
  }

  #stuck(): void {
    this.#out.fail(new ParleyError('slow_consumer', 'Nobody reads the events of this run.'));
    this.#parts.onStuck();
  }
}

/** `temp:` keys are for the run alone: neither stored nor told. [src: adk-python base_session_service.py] */
function withoutTemporaryState(event: Event): Event {
  const { stateDelta } = event.actions;
  if (!Object.keys(stateDelta).some((key) => key.startsWith('temp:'))) return event;
  return { ...event, actions: { ...event.actions, stateDelta: withoutTemporary(stateDelta) } };
}
