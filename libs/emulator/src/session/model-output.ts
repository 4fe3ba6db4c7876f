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
  readonly speed: number;
  readonly captions: boolean;
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

/** A text on its way to the client. After `cancel` nothing of it is sent or reported. */
export interface ModelOutput {
  cancel(): void;
}

export function startOutput(text: string, options: ModelOutputOptions): ModelOutput {
  return options.modality === 'TEXT' ? new PacedText(text, options) : startSpeech(text, options);
}

function startSpeech(text: string, options: ModelOutputOptions): ModelOutput {
  const { send, onSaid, captions, combined } = options;
  return new PacedSpeech(text, {
    ...options,
    onChunk: ({ pcm, caption, durationMs }) => {
      const audio = modelTurn(options, {
        inlineData: { mimeType: 'audio/pcm;rate=24000', data: encodeBase64(pcm) },
      });
      const words = captions && caption !== '' ? { outputTranscription: { text: caption } } : undefined;
      if (combined || !words) {
        send({ ...audio, ...words });
      } else {
        send(audio);
        send(words);
      }
      onSaid(caption, durationMs);
    },
  });
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

  cancel(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #next(): void {
    const { clock, ticker, send, onSaid, onSent } = this.#options;
    const nowMs = clock.monotonicMs();
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      this.#timer = undefined;
      onSent(nowMs);
      return;
    }
    this.#timer = ticker.at(nowMs + TEXT_PIECE_MS, () => this.#next());
    send(modelTurn(this.#options, { text: piece }));
    onSaid(piece, 0);
  }
}

function modelTurn({ role }: ModelOutputOptions, part: ModelPart): Pick<ServerContent, 'modelTurn'> {
  return { modelTurn: { ...(role && { role }), parts: [part] } };
}
