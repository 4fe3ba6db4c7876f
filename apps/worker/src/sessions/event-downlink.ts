import { eventToJson, functionResponsesOf, mediaOf, type Event } from '@parley/event';
import { TurnTracker } from '@parley/live';
import {
  DOWN_KIND,
  encodeDownControl,
  FRAME_CODEC,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  writeFrameHeader,
  type DownKind,
  type ServerMessage,
} from '@parley/wire';
import type { DownlinkPacer } from './downlink-pacer.js';

/** The model's audio is PCM16 mono 24 kHz: 48 bytes a millisecond. */
const MODEL_BYTES_PER_MS = 48;

/** Where the downlink goes: the channel to whichever gateway holds the client. */
export interface DownlinkSink {
  sendControl(bytes: Uint8Array): void;
  purgeMedia(throughTurn: number): void;
}

/**
 * Turns a run's events into what goes down to the client: audio as media frames, everything else as control.
 *
 * 1. `seq` starts at 1 and counts control messages without gaps, in the order they leave.
 * 2. Captions, text and `turnComplete` of the model keep their place behind the audio that came before them; all
 *    else leaves at once.
 * 3. `interrupted` leaves only after every audio frame of its turn and earlier ones is dropped on this side (I10).
 */
export class EventDownlink {
  readonly #turns = new TurnTracker();
  readonly #pacer: DownlinkPacer;
  readonly #sink: DownlinkSink;
  #seq = 0;
  #frameTurn = 0;
  #frameSeq = 0;
  #framePositionMs = 0;

  constructor(pacer: DownlinkPacer, sink: DownlinkSink) {
    this.#pacer = pacer;
    this.#sink = sink;
  }

  deliver(event: Event): void {
    const turn = this.#turns.turnOf(event);
    const media = mediaOf(event);
    if (media) return this.#deliverMedia(media, turn);
    // written now: what can not be written fails here, in the run, and not in the pacer's timer
    const json = JSON.stringify(eventToJson(event));
    if (event.interrupted) {
      this.#pacer.purge(turn);
      this.#sink.purgeMedia(turn);
      return this.#sendEvent(json, turn, DOWN_KIND.interrupted);
    }
    if (event.turnComplete) {
      return this.#pacer.afterAudio(() => this.#sendEvent(json, turn, DOWN_KIND.turnComplete));
    }
    if (functionResponsesOf(event).length > 0) return this.#sendEvent(json, turn, DOWN_KIND.toolResult);
    if (event.outputTranscription || event.content?.parts.some((part) => part.text !== undefined)) {
      return this.#pacer.afterAudio(() => this.#sendEvent(json, turn, DOWN_KIND.message));
    }
    this.#sendEvent(json, turn, DOWN_KIND.message);
  }

  /** A message that is no event: `ready`, `ended`, an error. */
  say(kind: DownKind, message: ServerMessage): void {
    this.#sink.sendControl(encodeDownControl({ kind, turn: 0, json: JSON.stringify(message) }));
  }

  #deliverMedia(media: { readonly mimeType: string; readonly data: Uint8Array }, turn: number): void {
    if (!media.mimeType.startsWith('audio/pcm')) return;
    if (turn !== this.#frameTurn) {
      this.#frameTurn = turn;
      this.#frameSeq = 0;
      this.#framePositionMs = 0;
    }
    const bytes = new Uint8Array(FRAME_HEADER_BYTES + media.data.byteLength);
    writeFrameHeader(bytes, {
      kind: FRAME_KIND.model,
      codec: FRAME_CODEC.pcm16at24k,
      flags: 0,
      turn,
      seq: this.#frameSeq,
      tsMs: Math.floor(this.#framePositionMs),
    });
    bytes.set(media.data, FRAME_HEADER_BYTES);
    const durationMs = media.data.byteLength / MODEL_BYTES_PER_MS;
    this.#frameSeq += 1;
    this.#framePositionMs += durationMs;
    this.#pacer.push({ turn, durationMs, bytes });
  }

  #sendEvent(event: string, turn: number, kind: DownKind): void {
    this.#seq += 1;
    const json = `{"type":"event","seq":${this.#seq},"turn":${turn},"event":${event}}`;
    this.#sink.sendControl(encodeDownControl({ kind, turn, json }));
  }
}
