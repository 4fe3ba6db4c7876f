import { encodeBase64, type CancelTimer, type Clock } from '@parley/kernel';
import { SOCKET_IO_BINARY, writeU32, type ClientMessageInput } from '@parley/wire';

/** What one post may carry; the server takes 256 KiB. */
const MAX_POST_BYTES = 200_000;
const MAX_POST_ITEMS = 100;
const RETRY_DELAYS_MS = [250, 500, 1_000, 2_000];
const LENGTH_BYTES = 4;

type Item = { readonly bytes: number } & ({ readonly json: string } | { readonly frame: Uint8Array });

export interface PostBody {
  readonly contentType: 'application/json' | 'application/octet-stream';
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Counts the posts from 1. */
  readonly seq: number;
}

/** `gone`: the stream is not there any more, or will not have this. `again`: it may be tried again. */
export type PostAnswer = 'taken' | 'gone' | 'again';

export interface SsePostsOptions {
  readonly clock: Clock;
  /** Sends one post; never rejects. */
  readonly send: (post: PostBody) => Promise<PostAnswer>;
  /** It can not go on: what was not taken is lost. */
  readonly onLost: () => void;
}

/**
 * What goes up beside an event stream: one post at a time, with everything in it that has come meanwhile.
 *
 * 1. Nothing leaves before `start`. Order is kept, because the next post leaves only when the last one was taken.
 * 2. A post whose answer was lost is sent again with its number, some four seconds long; then `onLost` comes, once.
 * 3. After `close` nothing is sent.
 */
export class SsePosts {
  readonly #options: SsePostsOptions;
  #queue: Item[] = [];
  #bufferedBytes = 0;
  #seq = 0;
  /** A post is under way, or it has not started. */
  #busy = true;
  #closed = false;
  #cancelRetry: CancelTimer | undefined;

  constructor(options: SsePostsOptions) {
    this.#options = options;
  }

  /** Taken here and not by the server yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  start(): void {
    this.#busy = false;
    this.#next();
  }

  message(message: ClientMessageInput): void {
    const json = JSON.stringify(message);
    this.#put({ json, bytes: json.length });
  }

  frame(frame: Uint8Array): void {
    this.#put({ frame, bytes: frame.byteLength + LENGTH_BYTES });
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#bufferedBytes = 0;
    this.#cancelRetry?.();
  }

  #put(item: Item): void {
    if (this.#closed) return;
    this.#queue.push(item);
    this.#bufferedBytes += item.bytes;
    this.#next();
  }

  #next(): void {
    if (this.#busy || this.#closed || this.#queue.length === 0) return;
    const items = this.#takeBatch();
    this.#seq += 1;
    this.#busy = true;
    this.#post({ ...bodyOf(items), seq: this.#seq }, items, 0);
  }

  #post(post: PostBody, items: readonly Item[], attempt: number): void {
    void this.#options.send(post).then((answer) => {
      if (this.#closed) return;
      const delayMs = RETRY_DELAYS_MS[attempt];
      if (answer === 'again' && delayMs !== undefined) {
        this.#cancelRetry = this.#options.clock.after(delayMs, () => this.#post(post, items, attempt + 1));
        return;
      }
      if (answer !== 'taken') {
        this.close();
        this.#options.onLost();
        return;
      }
      this.#busy = false;
      this.#bufferedBytes -= items.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#next();
    });
  }

  #takeBatch(): Item[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#queue) {
      // base64 makes a third more of a frame that goes with messages
      bytes += 'json' in item ? item.bytes : Math.ceil((item.bytes * 4) / 3);
      if (count > 0 && (bytes > MAX_POST_BYTES || count === MAX_POST_ITEMS)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }
}

function bodyOf(items: readonly Item[]): Omit<PostBody, 'seq'> {
  const frames = items.flatMap((item) => ('frame' in item ? [item.frame] : []));
  if (frames.length < items.length) {
    const parts = items.map((item) =>
      'json' in item ? item.json : JSON.stringify({ [SOCKET_IO_BINARY]: encodeBase64(item.frame) }),
    );
    return { contentType: 'application/json', body: `[${parts.join(',')}]` };
  }
  const body = new Uint8Array(frames.reduce((sum, frame) => sum + LENGTH_BYTES + frame.byteLength, 0));
  let at = 0;
  for (const frame of frames) {
    writeU32(body, at, frame.byteLength);
    body.set(frame, at + LENGTH_BYTES);
    at += LENGTH_BYTES + frame.byteLength;
  }
  return { contentType: 'application/octet-stream', body };
}
