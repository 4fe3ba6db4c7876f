import { ParleyError, toParleyError } from '@parley/kernel';
import type { Blob, Content } from '@parley/event';
import { checkRequest, type LiveRequest } from './live-request.js';

/** Audio kept while nobody reads, unless the queue is made otherwise: 2 s of PCM16 at 16 kHz. */
export const MAX_QUEUED_AUDIO_BYTES = 64_000;
/** Everything else kept while nobody reads. */
export const MAX_QUEUED_CONTROLS = 256;

export interface ContentOptions {
  /** More of the turn follows: the agent does not answer yet, and nothing is stored. */
  readonly partial?: boolean;
  readonly stateDelta?: Readonly<Record<string, unknown>>;
  /** See `LiveRequest`. */
  readonly requestId?: string;
}

/** What a run tells its queue. */
export interface QueueRun {
  /**
   * Whether the request is for the agent; false when the run has dealt with it. Throws `ParleyError` for what this run
   * can not take; the sender gets it.
   */
  readonly admit: (request: LiveRequest) => boolean;
  /** Called when the queue is closed and the last request was handed over; again when what was put back is, too. */
  readonly onClosed: () => void;
}

/** Takes requests one by one, in order. Must not throw. */
export type LiveRequestConsumer = (request: LiveRequest) => void;

/**
 * ADK's LiveRequestQueue: what the client side puts in and one run takes out.
 *
 * 1. Sends never wait. While a consumer is attached each request is handed over at once, in order; otherwise it
 *    is queued.
 * 2. What is queued is bounded: beyond 2 s (or as it was made) the oldest audio is dropped, of images only the newest stays, and both
 *    are counted; more than 256 other requests are refused with `rate_limited`. Controls are never dropped.
 * 3. A queue serves one run: a second `attachRun` throws. After `close` sends throw, and what was queued before is
 *    still delivered.
 * 4. A request that can't be taken is refused to whoever sends it, or, when it was sent before there was a run, to
 *    the run; the run goes on.
 */
export class LiveRequestQueue {
  readonly #maxAudioBytes: number;
  #queued: LiveRequest[] = [];
  #queuedAudioBytes = 0;
  #queuedControls = 0;
  #consumer: LiveRequestConsumer | undefined;
  #run: QueueRun | undefined;
  #closed = false;
  #droppedAudioBytes = 0;
  #droppedChunks = 0;
  #droppedImages = 0;

  constructor({ maxAudioBytes = MAX_QUEUED_AUDIO_BYTES }: { readonly maxAudioBytes?: number } = {}) {
    this.#maxAudioBytes = maxAudioBytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes of audio dropped so far because nobody read in time. */
  get droppedAudioBytes(): number {
    return this.#droppedAudioBytes;
  }

  get droppedImages(): number {
    return this.#droppedImages;
  }

  /** Chunks of audio and images dropped so far. */
  get droppedRequests(): number {
    return this.#droppedChunks + this.#droppedImages;
  }

  /** How much of the user's audio waits for an agent. */
  get queuedAudioMs(): number {
    return this.#queued.reduce(
      (ms, queued) => ms + (queued.kind === 'realtime' ? audioMsOf(queued.blob) : 0),
      0,
    );
  }

  get queuedRequests(): number {
    return this.#queued.length;
  }

  sendContent(content: Content, options: ContentOptions = {}): void {
    this.send({ kind: 'content', content, ...options });
  }

  sendRealtime(blob: Blob): void {
    this.send({ kind: 'realtime', blob });
  }

  sendActivityStart(): void {
    this.send({ kind: 'activityStart' });
  }

  sendActivityEnd(): void {
    this.send({ kind: 'activityEnd' });
  }

  sendAudioStreamEnd(): void {
    this.send({ kind: 'audioStreamEnd' });
  }

  send(request: LiveRequest): void {
    if (this.#closed) {
      throw new ParleyError('session_not_found', 'The call has ended.', { kind: 'failed_precondition' });
    }
    checkRequest(request);
    if (this.#run && !this.#run.admit(request)) return;
    if (this.#consumer && this.#queued.length === 0) this.#consumer(request);
    else this.#enqueue(request);
  }

  /** Ends the run once what is queued has been delivered. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#queued.length === 0) this.#run?.onClosed();
  }

  /** Claims the queue for a run. Answers why the run will not take some of what was sent before. */
  attachRun(run: QueueRun): readonly ParleyError[] {
    if (this.#run) {
      throw new ParleyError('session_busy', 'A LiveRequestQueue serves one run only.', {
        kind: 'failed_precondition',
      });
    }
    this.#run = run;
    const sentBefore = this.#queued;
    this.#queued = [];
    this.#queuedAudioBytes = 0;
    this.#queuedControls = 0;
    return sentBefore.flatMap((request) => {
      try {
        if (run.admit(request)) this.#enqueue(request);
        return [];
      } catch (error) {
        return [toParleyError(error)];
      }
    });
  }

  /** Hands over what is queued, then every further request. One consumer at a time. */
  resume(consumer: LiveRequestConsumer): void {
    this.#consumer = consumer;
    while (this.#queued.length > 0 && this.#consumer === consumer) {
      const request = this.#queued.shift();
      if (request) this.#handOver(request, consumer);
    }
    if (this.#closed && this.#queued.length === 0) this.#run?.onClosed();
  }

  /** Queues again from now on. */
  pause(): void {
    this.#consumer = undefined;
  }

  /** Takes back, in front of everything, what an agent that left the line did not get to; also when closed. */
  putBack(requests: readonly LiveRequest[]): void {
    this.#queued.unshift(...requests);
    this.#queuedControls += requests.length;
  }

  #handOver(request: LiveRequest, consumer: LiveRequestConsumer): void {
    if (request.kind !== 'realtime') this.#queuedControls -= 1;
    else if (isAudio(request.blob)) this.#queuedAudioBytes -= request.blob.data.byteLength;
    consumer(request);
  }

  #enqueue(request: LiveRequest): void {
    if (request.kind !== 'realtime') this.#admitControl();
    else if (isAudio(request.blob)) this.#admitAudio(request.blob.data.byteLength);
    else this.#dropOlderImage();
    this.#queued.push(request);
  }

  #admitControl(): void {
    if (this.#queuedControls >= MAX_QUEUED_CONTROLS) {
      throw new ParleyError('rate_limited', 'Too many messages are waiting for the agent.', {
        kind: 'resource_exhausted',
        retryable: true,
        retryAfterMs: 1_000,
      });
    }
    this.#queuedControls += 1;
  }

  #admitAudio(bytes: number): void {
    while (this.#queuedAudioBytes + bytes > this.#maxAudioBytes) {
      const oldest = this.#takeOut(isAudio);
      if (!oldest) break;
      this.#queuedAudioBytes -= oldest.data.byteLength;
      this.#droppedAudioBytes += oldest.data.byteLength;
      this.#droppedChunks += 1;
    }
    this.#queuedAudioBytes += bytes;
  }

  #dropOlderImage(): void {
    if (this.#takeOut((blob) => !isAudio(blob))) this.#droppedImages += 1;
  }

  /** Removes the oldest queued media for which `wanted` holds. */
  #takeOut(wanted: (blob: Blob) => boolean): Blob | undefined {
    const at = this.#queued.findIndex((queued) => queued.kind === 'realtime' && wanted(queued.blob));
    const taken = at < 0 ? undefined : this.#queued.splice(at, 1)[0];
    return taken?.kind === 'realtime' ? taken.blob : undefined;
  }
}

/** PCM16 mono, at 16 kHz where its type does not say otherwise. */
function audioMsOf(blob: Blob): number {
  if (!isAudio(blob)) return 0;
  const rate = Number(/rate=(\d+)/.exec(blob.mimeType)?.[1] ?? 16_000);
  return blob.data.byteLength / (rate / 500);
}

function isAudio(blob: Blob): boolean {
  return blob.mimeType.startsWith('audio/');
}
