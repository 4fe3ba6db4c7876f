import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ParleyError, type Clock } from '@parley/kernel';
import type { ServerMessage } from '@parley/wire';
import type { LiveCalls } from '../live/live-calls.js';
import { PostOrder, type PostNumber } from './post-order.js';
import type { PostedItem } from './posted-items.js';
import { SseTransport } from './sse-transport.js';
import type { WriterLines } from './writer-lines.js';

/** Nobody guesses it: whoever has the id has the connection, as whoever has a socket. */
const ID_BYTES = 32;
const RETRY_AFTER_MS = 1_000;

export interface LiveStreamsParts {
  readonly calls: Pick<LiveCalls, 'admit' | 'accept'>;
  readonly writers: Pick<WriterLines, 'post' | 'close'>;
  readonly clock: Clock;
}

/** What a client posts beside its events. */
export interface Posted {
  readonly items: readonly PostedItem[];
  /** Undefined when the client numbers nothing: then it is taken at once. */
  readonly number: PostNumber | undefined;
  /** What it costs to hold it until its turn. */
  readonly bytes: number;
  /** Takes it to the run also from a gateway that does not hold the stream. */
  readonly resumeToken: string | undefined;
}

interface LiveStream {
  readonly transport: SseTransport;
  readonly order: PostOrder;
}

/**
 * The connections of this gateway that run over server-sent events and posts, by their ids.
 *
 * 1. An id leads to one connection, which belongs to the tenant of the token in its `hello`; it is never used again.
 * 2. What is posted reaches the connection in the order of its numbers, once.
 */
export class LiveStreams {
  readonly #parts: LiveStreamsParts;
  readonly #open = new Map<string, LiveStream>();

  constructor(parts: LiveStreamsParts) {
    this.#parts = parts;
  }

  /** Answers the id of a new stream. `hello` is JSON; what is wrong with it is told on the stream. */
  open(hello: string): string {
    const { calls, clock } = this.#parts;
    if (!calls.admit()) {
      throw new ParleyError('capacity_exhausted', 'This gateway takes no new connection now.', {
        kind: 'unavailable',
        retryable: true,
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    const id = randomBytes(ID_BYTES).toString('base64url');
    const order = new PostOrder(clock);
    const transport = new SseTransport(clock, () => {
      this.#open.delete(id);
      order.close();
    });
    this.#open.set(id, { transport, order });
    calls.accept(transport);
    transport.receive([{ json: hello }]);
    return id;
  }

  /** `url` is told first. Throws `ParleyError` `session_not_found`, or `session_busy` when someone reads the events already. */
  read(id: string, response: ServerResponse, url?: string): void {
    const stream = this.#open.get(id);
    if (!stream) throw noSuchStream();
    if (stream.transport.attach(response, url)) return;
    throw new ParleyError('session_busy', 'The events of this stream are read already.', {
      kind: 'failed_precondition',
    });
  }

  /**
   * Resolves when it is taken, with what is answered at once: all else comes down the events. Throws `ParleyError`; with
   * `rate_limited` it may come again as it is.
   */
  async post(id: string, { items, number, bytes, resumeToken }: Posted): Promise<readonly ServerMessage[]> {
    const stream = this.#open.get(id);
    if (!stream && resumeToken !== undefined) return this.#parts.writers.post(resumeToken, items);
    if (!stream) throw noSuchStream();
    const take = (): void => stream.transport.receive(items);
    if (number === undefined) {
      take();
      return [];
    }
    if ((await stream.order.enter(number, bytes, take)) !== 'refused') return [];
    throw new ParleyError('rate_limited', 'The posts before this one did not come; send it again.', {
      kind: 'resource_exhausted',
      retryable: true,
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  /** The streams end with their connections; this gives back the rest. */
  close(): void {
    this.#parts.writers.close();
  }
}

function noSuchStream(): ParleyError {
  return new ParleyError('session_not_found', 'There is no such stream here (any more).', {
    kind: 'not_found',
  });
}
