import type { Content } from '@parley/event';
import { toParleyError, type CancelTimer, type Clock, type ParleyError } from '@parley/kernel';
import type { LiveRequestQueue } from '@parley/live';
import { CODEC_MIME, decodeFrame, readClientMessage, type ClientMessage } from '@parley/wire';
import { SettledFrames } from './settled-frames.js';

/** How long a change of what is settled may wait. */
const SETTLED_MS = 250;
const decoder = new TextDecoder();

export interface UplinkOptions {
  readonly queue: LiveRequestQueue;
  readonly clock: Clock;
  /** Asked before anything is given on: whoever stood still must know it before what he says reaches the model. */
  readonly mayLeave: () => boolean;
  /** How much of the newest audio the model may not have taken in. */
  readonly unsettledMs: () => number;
  /** So many of this channel's media frames need not be sent again. */
  readonly onSettled: (frames: number) => void;
  /** A message with an `id` has been taken: its acknowledgement is for this channel. */
  readonly onNamed: (id: string) => void;
  readonly onEnd: () => void;
  readonly onProblem: (error: ParleyError, ref: string | undefined) => void;
  /** Only in development: whoever has an API key asks this process to die. */
  readonly onCrash?: () => void;
}

/**
 * What comes up by one channel, into the queue of the run. The gateway has checked limits and rates already.
 *
 * After `close` nothing is taken any more, and nothing is settled.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #frames = new SettledFrames();
  #told = 0;
  #cancelReport: CancelTimer | undefined;
  #closed = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  media(bytes: Uint8Array): void {
    const { queue, mayLeave, onProblem } = this.#options;
    if (this.#closed || queue.closed) return;
    mayLeave();
    const decoded = decodeFrame(bytes);
    const frame = typeof decoded === 'string' ? undefined : decoded;
    // the gateway counts what it sends, be it readable or not
    this.#frames.received(frame);
    this.#reportLater();
    if (!frame) return;
    try {
      // the channel's view ends with this call, and the queue may keep the request
      queue.sendRealtime({ mimeType: CODEC_MIME[frame.codec], data: frame.payload.slice() });
    } catch (error) {
      onProblem(toParleyError(error), undefined);
    }
  }

  control(bytes: Uint8Array): void {
    const { queue, mayLeave, onProblem, onCrash } = this.#options;
    if (this.#closed || queue.closed) return;
    mayLeave();
    let message: ClientMessage | undefined;
    try {
      const value: unknown = JSON.parse(decoder.decode(bytes));
      if (onCrash && isCrash(value)) return onCrash();
      message = readClientMessage(value);
      this.#accept(message);
    } catch (error) {
      onProblem(toParleyError(error), message && 'id' in message ? message.id : undefined);
    }
  }

  /** Tells now what is settled, if that has changed. */
  settle(): void {
    this.#cancelReport?.();
    this.#cancelReport = undefined;
    const { unsettledMs, onSettled } = this.#options;
    const unsettled = unsettledMs();
    const count = this.#frames.count(unsettled);
    if (count > this.#told) {
      this.#told = count;
      onSettled(count);
    }
    if (unsettled > 0) this.#reportLater();
  }

  close(): void {
    this.#closed = true;
    this.#cancelReport?.();
    this.#cancelReport = undefined;
  }

  #reportLater(): void {
    if (!this.#closed) this.#cancelReport ??= this.#options.clock.after(SETTLED_MS, () => this.settle());
  }

  #accept(message: ClientMessage): void {
    const { queue, onEnd, onNamed } = this.#options;
    switch (message.type) {
      case 'text': {
        const content: Content = { role: 'user', parts: [{ text: message.text }] };
        if (message.id === undefined) return queue.sendContent(content);
        onNamed(message.id);
        return queue.sendContent(content, { requestId: message.id });
      }
      case 'activityStart':
        return queue.sendActivityStart();
      case 'activityEnd':
        return queue.sendActivityEnd();
      case 'audioStreamEnd':
        return queue.sendAudioStreamEnd();
      case 'interrupt':
        return queue.send({ kind: 'interrupt' });
      case 'end':
        return onEnd();
      case 'audio':
      case 'image':
        return queue.sendRealtime({ mimeType: message.mimeType, data: message.data });
      case 'playback':
        return queue.send({ kind: 'playback', turn: message.turn, playedMs: message.ms });
      case 'hello':
      case 'ping':
        return;
    }
  }
}

/** Sent by a gateway for its developers; a client's message of this type never gets here. */
function isCrash(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'dev.crash';
}
