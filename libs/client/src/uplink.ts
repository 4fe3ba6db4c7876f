import { pcm16DurationMs, SpeechEnergy } from '@parley/audio';
import type { Clock } from '@parley/kernel';
import { encodeFrame, FRAME_CODEC, FRAME_KIND, type ClientMessageInput } from '@parley/wire';
import type { LiveStats } from './live-events.js';
import { OutboundBuffer, type OutboundLimits } from './outbound-buffer.js';
import { bytesOf } from './pcm16.js';
import { MIC_RATE_HZ, SpeechChunker } from './speech-chunker.js';
import type { LiveTransport } from './transport.js';
import { UnackedTexts, type TextMessage } from './unacked-texts.js';

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp';

const IMAGE_CODECS = {
  'image/jpeg': FRAME_CODEC.jpeg,
  'image/png': FRAME_CODEC.png,
  'image/webp': FRAME_CODEC.webp,
} as const;

/** Quiet that ends speech, for the display; the model has its own idea of it. */
const SPEECH_PAUSE_MS = 300;

/**
 * What goes up during a call, over all of its lines: messages as they are, speech and pictures as frames, all through
 * one bounded buffer. Texts are kept until the server has them, and sent again on the next line.
 */
export class Uplink {
  readonly #clock: Clock;
  readonly #buffer: OutboundBuffer;
  readonly #chunker: SpeechChunker;
  readonly #energy = new SpeechEnergy({ rateHz: MIC_RATE_HZ, silenceDurationMs: SPEECH_PAUSE_MS });
  readonly #startedMs: number;
  readonly #texts = new UnackedTexts();
  #resentTexts = 0;
  #images = 0;
  #sentAudioMs = 0;

  constructor(clock: Clock, options: { frameMs: number; limits?: OutboundLimits }) {
    this.#clock = clock;
    this.#buffer = new OutboundBuffer(clock, options.limits);
    this.#chunker = new SpeechChunker(options.frameMs);
    this.#startedMs = clock.monotonicMs();
  }

  get counts(): Pick<LiveStats, 'sentAudioMs' | 'droppedAudioMs' | 'droppedImages' | 'resentTexts'> {
    return {
      resentTexts: this.#resentTexts,
      sentAudioMs: this.#sentAudioMs,
      droppedAudioMs: this.#buffer.droppedAudioMs,
      droppedImages: this.#buffer.droppedImages,
    };
  }

  /** All goes out on this line from now on, first the texts of which nobody knows whether they arrived. */
  lineUp(transport: LiveTransport): void {
    this.#resentTexts += this.#buffer.attach(transport, this.#texts.all);
  }

  /** There is no line: all waits, within bounds, for the next one. */
  lineDown(): void {
    this.#buffer.detach();
  }

  /** False when too many texts wait for the server already; one that waits still is not sent twice. */
  text(message: TextMessage): boolean {
    if (this.#texts.has(message.id)) return true;
    if (this.#texts.full) return false;
    this.#texts.add(message);
    const taken = this.#buffer.sendMessage(message);
    if (!taken) this.#texts.settle(message.id);
    return taken;
  }

  /** The server has answered the text; it is not sent again. False for one that did not wait. */
  textSettled(id: string): boolean {
    return this.#texts.settle(id);
  }

  /** False when too many messages wait already. */
  message(message: ClientMessageInput): boolean {
    return this.#buffer.sendMessage(message);
  }

  /** For what may be left out when the line is slow, because the next one says more. */
  messageUnlessCongested(message: ClientMessageInput): void {
    if (!this.#buffer.congested) this.#buffer.sendMessage(message);
  }

  /** Returns how long ago the last sound of speech was: 0 while it goes on, undefined when there is none. */
  speech(pcm: Int16Array | Uint8Array): number | undefined {
    const bytes = pcm instanceof Int16Array ? bytesOf(pcm) : pcm;
    this.#sentAudioMs += pcm16DurationMs(bytes.byteLength, MIC_RATE_HZ);
    for (const frame of this.#chunker.push(bytes)) this.#buffer.sendAudio(frame);
    const end = this.#energy.push(bytes).findLast((edge) => edge.kind === 'end');
    if (this.#energy.speaking) return 0;
    return end && Math.max(0, this.#sentAudioMs - end.atMs);
  }

  /** Sends what is left of the speech as a shorter frame. */
  flushSpeech(): void {
    const rest = this.#chunker.flush();
    if (rest) this.#buffer.sendAudio(rest);
  }

  image(payload: Uint8Array, mimeType: ImageType): void {
    const tsMs = Math.round(this.#clock.monotonicMs() - this.#startedMs);
    const codec = IMAGE_CODECS[mimeType];
    const seq = this.#images++;
    this.#buffer.sendImage(
      encodeFrame({ kind: FRAME_KIND.video, codec, flags: 0, turn: 0, seq, tsMs, payload }),
    );
  }

  close(): void {
    this.#texts.clear();
    this.#buffer.close();
  }
}
