import { eventToJson, functionResponsesOf, isDurable, mediaOf, type Event } from '@parley/event';
import { TurnTracker } from '@parley/live';
import {
  DOWN_KIND,
  encodeDownControl,
  FRAME_CODEC,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  writeFrameHeader,
  type DownKind,
} from '@parley/wire';
import type { DownlinkPacer } from './downlink-pacer.js';
import { MODEL_BYTES_PER_MS } from './model-frame.js';

/** A longer piece is cut: a line that is slow would be blocked by it, and an interruption could not take it back. */
const MAX_FRAME_BYTES = 100 * MODEL_BYTES_PER_MS;

/** Where numbered messages go, and what drops audio that is on its way. */
export interface NumberedSink {
  message(seq: number, bytes: Uint8Array): void;
  purgeMedia(throughTurn: number): void;
}

/** Where a run's numbers go on. */
export interface NumbersFrom {
  /** The last number of a message that was told. */
  readonly seq: number;
  /** The highest turn of which something was told; 0 for none. */
  readonly turn: number;
  readonly turnOpen: boolean;
}

const FROM_THE_START: NumbersFrom = { seq: 0, turn: 0, turnOpen: false };

/**
 * Turns a run's events into what goes down to the client: audio as media frames, everything else as control.
 *
 * 1. `seq` counts control messages without gaps, in the order they leave, from where another owner left off. Each names
 *    the stored event in it, if it is one that a session keeps.
 * 2. Captions, text and `turnComplete` of the model keep their place behind the audio that came before them; all
 *    else leaves at once.
 * 3. A frame is 100 ms long at most.
 * 4. `interrupted` leaves only after every audio frame of its turn and earlier ones is dropped on this side (I10).
 */
export class EventDownlink {
  readonly #turns: TurnTracker;
  readonly #pacer: DownlinkPacer;
  readonly #sink: NumberedSink;
  #seq: number;
  #frameTurn = 0;
  #frameSeq = 0;
  #framePositionMs = 0;

  constructor(pacer: DownlinkPacer, sink: NumberedSink, from: NumbersFrom = FROM_THE_START) {
    this.#pacer = pacer;
    this.#sink = sink;
    this.#seq = from.seq;
    this.#turns = new TurnTracker(from);
  }

  deliver(event: Event): void {
    const turn = this.#turns.turnOf(event);
    const media = mediaOf(event);
    if (media) return this.#deliverMedia(media, turn);
    // written now: what can not be written fails here, in the run, and not in the pacer's timer
    const written = writtenOf(event);
    if (event.interrupted) {
      this.#pacer.purge(turn);
      this.#sink.purgeMedia(turn);
      return this.#send(written, turn, DOWN_KIND.interrupted);
    }
    if (event.turnComplete) {
      return this.#pacer.afterAudio(() => this.#send(written, turn, DOWN_KIND.turnComplete));
    }
    if (functionResponsesOf(event).length > 0) return this.#send(written, turn, DOWN_KIND.toolResult);
    if (event.outputTranscription || event.content?.parts.some((part) => part.text !== undefined)) {
      return this.#pacer.afterAudio(() => this.#send(written, turn, DOWN_KIND.message));
    }
    this.#send(written, turn, DOWN_KIND.message);
  }

  /** An event of the past that the client has not had: only told, it changes nothing any more. */
  replay(event: Event, turn: number): void {
    this.#send(writtenOf(event), turn, DOWN_KIND.message);
  }

  #deliverMedia(media: { readonly mimeType: string; readonly data: Uint8Array }, turn: number): void {
    if (!media.mimeType.startsWith('audio/pcm')) return;
    if (turn !== this.#frameTurn) {
      this.#frameTurn = turn;
      this.#frameSeq = 0;
      this.#framePositionMs = 0;
    }
    for (let at = 0; at < media.data.byteLength; at += MAX_FRAME_BYTES) {
      this.#deliverFrame(media.data.subarray(at, at + MAX_FRAME_BYTES), turn);
    }
  }

  #deliverFrame(pcm: Uint8Array, turn: number): void {
    const bytes = new Uint8Array(FRAME_HEADER_BYTES + pcm.byteLength);
    writeFrameHeader(bytes, {
      kind: FRAME_KIND.model,
      codec: FRAME_CODEC.pcm16at24k,
      flags: 0,
      turn,
      seq: this.#frameSeq,
      tsMs: Math.floor(this.#framePositionMs),
    });
    bytes.set(pcm, FRAME_HEADER_BYTES);
    const durationMs = pcm.byteLength / MODEL_BYTES_PER_MS;
    this.#frameSeq += 1;
    this.#framePositionMs += durationMs;
    this.#pacer.push({ turn, durationMs, endMs: this.#framePositionMs, bytes });
  }

  #send({ id, json }: WrittenEvent, turn: number, kind: DownKind): void {
    this.#seq += 1;
    const seq = this.#seq;
    const message = `{"type":"event","seq":${seq},"turn":${turn},"event":${json}}`;
    this.#sink.message(seq, encodeDownControl({ kind, turn, seq, id, json: message }));
  }
}

interface WrittenEvent {
  readonly id: string;
  readonly json: string;
}

function writtenOf(event: Event): WrittenEvent {
  return { id: isDurable(event) ? event.id : '', json: JSON.stringify(eventToJson(event)) };
}
