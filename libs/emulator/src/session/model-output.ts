import { encodeBase64, type CancelTimer, type Clock, type ParleyError } from '@parley/kernel';
import type { ModelPart, ServerContent } from '../codec/server-message.js';
import { PacedSpeech } from '../voice/paced-speech.js';
import type { Voice } from '../voice/voice.js';
import type { PaceTicker } from './pace-ticker.js';

export interface ModelOutputOptions {
  readonly modality: 'AUDIO' | 'TEXT';
  readonly voice: Voice;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly chunkMs: number;
  /** How many times faster than it plays audio is sent; infinite sends all at once, text too. */
  readonly speed: number;
  readonly captions: boolean;
  /** How many audio messages are under way at any time: sent, as far as the model goes, but not out yet; default 0. */
  readonly held?: number;
  /** Audio and its caption share a message. */
  readonly combined: boolean;
  /** Vertex names the role of the model's parts, the Gemini API does not. */
  readonly role: 'model' | undefined;
  readonly send: (content: ServerContent) => void;
  /** Called after each piece is sent, with its words (which may be '') and its length as audio. */
  readonly onSaid: (piece: string, audioMs: number) => void;
  /** Everything was sent; `heardAtMs` is the monotonic time at which a listener will have heard the last of it. */
  readonly onSent: (heardAtMs: number) => void;
  readonly onFailed: (error: ParleyError) => void;
}

/**
 * A text on its way to the client. After `cancel` nothing of it is sent or reported, but for what is under way,
 * which the returned function sends.
 */
export interface ModelOutput {
  cancel(): () => void;
}

export function startOutput(text: string, options: ModelOutputOptions): ModelOutput {
  return options.modality === 'TEXT' ? new PacedText(text, options) : startSpeech(text, options);
}

function startSpeech(text: string, options: ModelOutputOptions): ModelOutput {
  const { send, onSaid, onSent, captions, combined, held = 0 } = options;
  const underWay: (() => void)[] = [];
  const arrive = (atMost: number): void => {
    while (underWay.length > atMost) underWay.shift()?.();
  };
  const speech = new PacedSpeech(text, {
    ...options,
    onChunk: ({ pcm, caption, durationMs }) => {
      const audio = modelTurn(options, {
        inlineData: { mimeType: 'audio/pcm;rate=24000', data: encodeBase64(pcm) },
      });
      const words = captions && caption !== '' ? { outputTranscription: { text: caption } } : undefined;
      underWay.push(() => {
        if (combined || !words) {
          send({ ...audio, ...words });
        } else {
          send(audio);
          send(words);
        }
        onSaid(caption, durationMs);
      });
      arrive(held);
    },
    onSent: (heardAtMs) => {
      arrive(0);
      onSent(heardAtMs);
    },
  });
  return {
    cancel: () => {
      speech.cancel();
      return () => arrive(0);
    },
  };
}

const TEXT_PIECE_MS = 40;

/** Sends a text a few words at a time, as text models do. */
class PacedText implements ModelOutput {
  readonly #options: ModelOutputOptions;
  readonly #pieces: string[];
  #timer: CancelTimer | undefined;

  constructor(text: string, options: ModelOutputOptions) {
    this.#options = options;
    this.#pieces = text.match(/(?:\s*\S+){1,4}\s*/g) ?? [];
    this.#timer = options.ticker.at(options.clock.monotonicMs(), () => this.#next());
  }

  cancel(): () => void {
    this.#timer?.();
    this.#timer = undefined;
    return () => undefined;
  }

  #next(): void {
    const { clock, ticker, speed, send, onSaid, onSent } = this.#options;
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      const paced = Number.isFinite(speed);
      if (paced) this.#timer = ticker.at(clock.monotonicMs() + TEXT_PIECE_MS, () => this.#next());
      send(modelTurn(this.#options, { text: piece }));
      onSaid(piece, 0);
      if (paced) return;
    }
    this.#timer = undefined;
    onSent(clock.monotonicMs());
  }
}

function modelTurn({ role }: ModelOutputOptions, part: ModelPart): Pick<ServerContent, 'modelTurn'> {
  return { modelTurn: { ...(role && { role }), parts: [part] } };
}
