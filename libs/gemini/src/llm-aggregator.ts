import type { Part } from '@parley/event';
import type { LlmResponse } from '@parley/live';
import type { LlmPiece } from './llm-response.js';

/**
 * Puts a streamed answer together: deltas of words as they come, and at the end the whole, with every part in its
 * place. [src: adk-python streaming_utils.py, progressive mode]
 *
 * 1. Words that follow each other are one part; thoughts and answer are never mixed; a signature ends its part.
 * 2. Calls are told with the whole only, so that nobody acts on half an answer.
 */
export class LlmAggregator {
  readonly #parts: Part[] = [];
  #about: LlmPiece['about'] = {};
  #refusal: LlmPiece['refusal'];

  /** What to tell of a piece at once. */
  accept({ parts, about, refusal }: LlmPiece): LlmResponse | undefined {
    for (const part of parts) this.#add(part);
    this.#about = { ...this.#about, ...about };
    this.#refusal = refusal ?? this.#refusal;
    const words = parts.filter(({ text }) => text).map(({ thoughtSignature: _, ...part }) => part);
    if (words.length === 0) return undefined;
    const { usageMetadata, modelVersion } = about;
    return {
      content: { role: 'model', parts: words },
      partial: true,
      ...(usageMetadata ? { usageMetadata } : {}),
      ...(modelVersion ? { modelVersion } : {}),
    };
  }

  /** The whole; an error where the model said nothing at all and gave no reason. */
  finish(): LlmResponse {
    const content =
      this.#parts.length > 0 ? { content: { role: 'model' as const, parts: [...this.#parts] } } : {};
    const said = this.#parts.length > 0 || this.#about.finishReason !== undefined;
    const silence = said ? {} : { errorCode: 'UNKNOWN_ERROR', errorMessage: 'The model gave no answer.' };
    return { ...content, ...this.#about, ...(this.#refusal ?? silence), partial: false };
  }

  #add(part: Part): void {
    const last = this.#parts.at(-1);
    const joins =
      last?.text !== undefined &&
      part.text !== undefined &&
      last.thoughtSignature === undefined &&
      (last.thought === part.thought || part.text === '');
    if (!joins) {
      this.#parts.push(part);
      return;
    }
    const { thought: _, ...rest } = part;
    this.#parts[this.#parts.length - 1] = { ...last, ...rest, text: `${last.text ?? ''}${part.text ?? ''}` };
  }
}
