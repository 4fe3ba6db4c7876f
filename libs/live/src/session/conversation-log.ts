import type { Event } from '@parley/event';
import { isImage, isMedia } from './durable-event.js';

const MAX_EVENTS = 1_000;
const MAX_IMAGES = 4;
const MAX_IMAGE_BYTES = 1024 * 1024;

/**
 * A session's events as far as they are known now: those it had, and those of the run, in the order in which they
 * are stored, whether they are written yet or not.
 *
 * 1. At most the newest 1,000.
 * 2. Without what a guardrail refused.
 * 3. Of media nothing but the newest pictures in what the user sent: four, of 1 MiB together.
 */
export class ConversationLog {
  #events: Event[] = [];

  constructor(loaded: readonly Event[] = []) {
    for (const event of loaded.slice(-MAX_EVENTS)) this.append(event);
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  append(event: Event): void {
    if (event.blocked) this.#forget(new Set(event.blocked.eventIds));
    const kept = withoutMedia(event, event.author !== 'user');
    if (!kept) return;
    this.#events.push(kept);
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
    if (hasImages(kept)) this.#dropOldImages();
  }

  /** Puts what is really stored in the place of the event with this id. */
  replace(event: Event): void {
    const at = this.#events.findLastIndex(({ id }) => id === event.id);
    if (at >= 0) this.#events[at] = event;
  }

  #forget(ids: ReadonlySet<string>): void {
    this.#events = this.#events.filter(({ id }) => !ids.has(id));
  }

  #dropOldImages(): void {
    let images = 0;
    let bytes = 0;
    for (let at = this.#events.length - 1; at >= 0; at--) {
      const event = this.#events[at];
      if (!event || !hasImages(event)) continue;
      for (const part of event.content?.parts ?? []) {
        if (!isImage(part)) continue;
        images += 1;
        bytes += part.inlineData?.data.byteLength ?? 0;
      }
      if (images <= MAX_IMAGES && bytes <= MAX_IMAGE_BYTES) continue;
      const bare = withoutMedia(event, true);
      if (bare) this.#events[at] = bare;
      else this.#events.splice(at, 1);
    }
  }
}

function hasImages(event: Event): boolean {
  return event.content?.parts.some(isImage) ?? false;
}

/** Undefined when nothing is left of it. */
function withoutMedia(event: Event, imagesToo: boolean): Event | undefined {
  if (!event.content?.parts.some(isMedia)) return event;
  const parts = event.content.parts.filter((part) => !isMedia(part) || (!imagesToo && isImage(part)));
  return parts.length === 0 ? undefined : { ...event, content: { ...event.content, parts } };
}
