import type { ModalityTokens, UsageMetadata } from '../codec/server-message.js';

/** Google's rates: 25 tokens for a second of audio, 258 for a video frame, about one for four characters. */
const AUDIO_TOKENS_PER_SECOND = 25;
const TOKENS_PER_FRAME = 258;
const CHARS_PER_TOKEN = 4;

export interface ContextTokens {
  readonly text: number;
  readonly audio: number;
  readonly video: number;
}

/**
 * Counts tokens as the provider bills them: each turn's prompt is the whole context so far, what the model said
 * in earlier turns included.
 */
export class ContextMeter {
  readonly #prompt: { text: number; audio: number; video: number };
  readonly #response = { text: 0, audio: 0 };

  constructor(start: ContextTokens = { text: 0, audio: 0, video: 0 }) {
    this.#prompt = { ...start };
  }

  /** The context without the running turn's response. */
  get context(): ContextTokens {
    return { ...this.#prompt };
  }

  heardText(chars: number): void {
    this.#prompt.text += chars / CHARS_PER_TOKEN;
  }

  heardAudio(seconds: number): void {
    this.#prompt.audio += seconds * AUDIO_TOKENS_PER_SECOND;
  }

  sawFrame(): void {
    this.#prompt.video += TOKENS_PER_FRAME;
  }

  saidAudio(seconds: number): void {
    this.#response.audio += seconds * AUDIO_TOKENS_PER_SECOND;
  }

  saidText(chars: number): void {
    this.#response.text += chars / CHARS_PER_TOKEN;
  }

  /** Usage of the turn that ends now; its response joins the context. */
  endTurn(names: 'gemini' | 'vertex'): UsageMetadata {
    const prompt = details(this.#prompt);
    const response = details({ ...this.#response, video: 0 });
    const promptCount = total(prompt);
    const responseCount = total(response);
    this.#prompt.text += this.#response.text;
    this.#prompt.audio += this.#response.audio;
    this.#response.text = 0;
    this.#response.audio = 0;
    return {
      ...(promptCount > 0 && { promptTokenCount: promptCount, promptTokensDetails: prompt }),
      ...(responseCount > 0 &&
        (names === 'gemini'
          ? { responseTokenCount: responseCount, responseTokensDetails: response }
          : { candidatesTokenCount: responseCount, candidatesTokensDetails: response })),
      ...(promptCount + responseCount > 0 && { totalTokenCount: promptCount + responseCount }),
    };
  }
}

function details(tokens: ContextTokens): ModalityTokens[] {
  const counted: ModalityTokens[] = [
    { modality: 'TEXT', tokenCount: Math.ceil(tokens.text) },
    { modality: 'AUDIO', tokenCount: Math.ceil(tokens.audio) },
    { modality: 'VIDEO', tokenCount: Math.ceil(tokens.video) },
  ];
  return counted.filter(({ tokenCount }) => tokenCount > 0);
}

function total(tokens: readonly ModalityTokens[]): number {
  return tokens.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
}
