import type { LiveRequest } from '../runner/live-request.js';

/** Audio kept for a tool that does not read it. */
const MAX_TOOL_AUDIO_MS = 2_000;
/** Everything else but images. */
export const MAX_TOOL_CONTROLS = 64;

/**
 * What the user sends, for one run of a tool that reads it at its own pace. One reader.
 *
 * 1. `push` never waits: beyond 2 s the oldest audio goes, of images only the newest stays, beyond 64 other requests
 *    the oldest goes; all of it is counted.
 * 2. After `end` what is queued is dropped and the reader's loop ends.
 */
export class ToolInputStream implements AsyncIterable<LiveRequest> {
  #queued: LiveRequest[] = [];
  #audioMs = 0;
  #controls = 0;
  #dropped = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  /** Requests that were dropped because the tool did not read them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  push(request: LiveRequest): void {
    if (this.#ended) return;
    if (isAudio(request)) this.#makeRoomForAudio(audioMsOf(request));
    else if (isImage(request)) this.#drop(isImage);
    else if (this.#controls < MAX_TOOL_CONTROLS) this.#controls += 1;
    else this.#drop((queued) => queued.kind !== 'realtime');
    this.#queued.push(request);
    this.#wakeUp();
  }

  end(): void {
    this.#ended = true;
    this.#queued = [];
    this.#wakeUp();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveRequest, void, undefined> {
    while (!this.#ended) {
      const request = this.#queued.shift();
      if (!request) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (isAudio(request)) this.#audioMs -= audioMsOf(request);
      else if (request.kind !== 'realtime') this.#controls -= 1;
      yield request;
    }
  }

  #makeRoomForAudio(addedMs: number): void {
    while (this.#audioMs + addedMs > MAX_TOOL_AUDIO_MS) {
      const oldest = this.#drop(isAudio);
      if (!oldest) break;
      this.#audioMs -= audioMsOf(oldest);
    }
    this.#audioMs += addedMs;
  }

  #drop(unwanted: (request: LiveRequest) => boolean): LiveRequest | undefined {
    const at = this.#queued.findIndex(unwanted);
    if (at < 0) return undefined;
    this.#dropped += 1;
    return this.#queued.splice(at, 1)[0];
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function isAudio(request: LiveRequest): boolean {
  return request.kind === 'realtime' && request.blob.mimeType.startsWith('audio/');
}

function isImage(request: LiveRequest): boolean {
  return request.kind === 'realtime' && !request.blob.mimeType.startsWith('audio/');
}

/** PCM16 mono; its rate stands in the type, 16 kHz where it does not. */
function audioMsOf(request: LiveRequest): number {
  if (request.kind !== 'realtime') return 0;
  const rateHz = Number(/rate=(\d+)/.exec(request.blob.mimeType)?.[1] ?? 16_000);
  return rateHz > 0 ? (request.blob.data.byteLength / 2 / rateHz) * 1_000 : 0;
}
