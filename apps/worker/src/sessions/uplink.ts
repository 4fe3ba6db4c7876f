import { toParleyError, type ParleyError } from '@parley/kernel';
import type { LiveRequestQueue } from '@parley/live';
import { CODEC_MIME, decodeFrame, readClientMessage, type ClientMessage } from '@parley/wire';

/** What the gateway passes up, into the queue of the run. The gateway has checked limits and rates already. */
export class Uplink {
  readonly #queue: LiveRequestQueue;
  readonly #onEnd: () => void;
  readonly #onProblem: (error: ParleyError, ref: string | undefined) => void;

  constructor(
    queue: LiveRequestQueue,
    on: { end: () => void; problem: (error: ParleyError, ref: string | undefined) => void },
  ) {
    this.#queue = queue;
    this.#onEnd = on.end;
    this.#onProblem = on.problem;
  }

  media(frame: Uint8Array): void {
    if (this.#queue.closed) return;
    const decoded = decodeFrame(frame);
    if (typeof decoded === 'string') return;
    // the channel's view ends with this call, and the queue may keep the request
    this.#queue.sendRealtime({ mimeType: CODEC_MIME[decoded.codec], data: decoded.payload.slice() });
  }

  control(bytes: Uint8Array): void {
    if (this.#queue.closed) return;
    let message: ClientMessage | undefined;
    try {
      message = readClientMessage(JSON.parse(new TextDecoder().decode(bytes)));
      this.#accept(message);
    } catch (error) {
      this.#onProblem(toParleyError(error), message && 'id' in message ? message.id : undefined);
    }
  }

  #accept(message: ClientMessage): void {
    switch (message.type) {
      case 'text':
        return this.#queue.sendContent({ role: 'user', parts: [{ text: message.text }] });
      case 'activityStart':
        return this.#queue.sendActivityStart();
      case 'activityEnd':
        return this.#queue.sendActivityEnd();
      case 'audioStreamEnd':
        return this.#queue.sendAudioStreamEnd();
      case 'interrupt':
        return this.#queue.send({ kind: 'interrupt' });
      case 'end':
        return this.#onEnd();
      case 'audio':
      case 'image':
        return this.#queue.sendRealtime({ mimeType: message.mimeType, data: message.data });
      case 'playback':
        return this.#queue.send({ kind: 'playback', turn: message.turn, playedMs: message.ms });
      case 'hello':
      case 'ping':
        return;
    }
  }
}
