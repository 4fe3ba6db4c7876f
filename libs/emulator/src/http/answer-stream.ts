import type { ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '@parley/kernel';
import type { WireControl } from '../scenario/performance.js';
import type { WireJson } from '../scenario/step-message.js';
import { chunkOf, joinParts, type AnswerChunk, type AnswerPart } from './answer-chunk.js';
import { googleErrorOfClose } from './google-error.js';
import { writeJson } from './json-body.js';

export interface AnswerStreamOptions {
  readonly response: ServerResponse;
  readonly clock: Clock;
  /** `whole`: one body at the end; `sse`: an event for each piece; `array`: a JSON array that grows. */
  readonly form: 'whole' | 'sse' | 'array';
  readonly model: string;
  readonly responseId: string;
  readonly promptChars: number;
}

const CHARS_PER_TOKEN = 4;

/**
 * Writes one answer in the form of `GenerateContentResponse`, and does to its connection what a scenario says.
 *
 * 1. Pieces leave in the order in which they came, also across a stall.
 * 2. A close before the first piece answers with an error; later it breaks the answer off.
 */
export class AnswerStream implements WireControl {
  readonly #options: AnswerStreamOptions;
  readonly #parts: AnswerPart[] = [];
  #candidate: WireJson = {};
  #usage: WireJson | undefined;
  #answerChars = 0;
  #thoughtChars = 0;
  #written = 0;
  #held: (() => void)[] | undefined;
  #resuming: CancelTimer | undefined;

  constructor(options: AnswerStreamOptions) {
    this.#options = options;
  }

  send(message: WireJson): void {
    if ('candidates' in message) return this.#writePiece(message);
    const chunk = chunkOf(message);
    if (!chunk) return;
    this.#count(chunk);
    if (this.#options.form === 'whole') this.#parts.push(...chunk.parts);
    else if (chunk.parts.length > 0) this.#writePiece(this.#body(chunk.parts, {}));
  }

  end(): void {
    this.#inOrder(() => {
      const { response, form } = this.#options;
      const candidate = { finishReason: 'STOP', ...this.#candidate };
      const parts = form === 'whole' ? joinParts(this.#parts) : [];
      const body = this.#body(parts.length > 0 ? parts : [{ text: '' }], candidate);
      if (form === 'whole') {
        if (!response.headersSent) writeJson(response, 200, body);
        return;
      }
      this.#writePiece(body);
      response.end(form === 'array' ? ']' : undefined);
    });
  }

  /** The client is gone. */
  close(): void {
    this.#resuming?.();
    this.#held = undefined;
  }

  hangUp(code: number, reason: string): void {
    this.#inOrder(() => {
      const { response } = this.#options;
      const error = googleErrorOfClose(code, reason);
      if (response.headersSent) response.end(JSON.stringify(error));
      else writeJson(response, error.error.code, error);
    });
  }

  reset(): void {
    this.#options.response.destroy();
  }

  stall(forMs?: number): void {
    this.#held ??= [];
    this.#resuming?.();
    this.#resuming = forMs === undefined ? undefined : this.#options.clock.after(forMs, () => this.resume());
  }

  resume(): void {
    this.#resuming?.();
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const write of held) this.#inOrder(write);
  }

  sendRaw(text: string): void {
    this.#inOrder(() => {
      this.#begin();
      this.#options.response.write(text);
    });
  }

  #count({ parts, candidate, usage }: AnswerChunk): void {
    this.#candidate = { ...this.#candidate, ...candidate };
    this.#usage = usage ?? this.#usage;
    for (const part of parts) {
      const chars =
        typeof part.text === 'string' ? part.text.length : JSON.stringify(part.functionCall ?? '').length;
      if (part.thought === true) this.#thoughtChars += chars;
      else this.#answerChars += chars;
    }
  }

  #writePiece(body: object): void {
    this.#inOrder(() => {
      const { response, form } = this.#options;
      if (form === 'whole') return writeJson(response, 200, body);
      this.#begin();
      const text = JSON.stringify(body);
      response.write(
        form === 'sse' ? `data: ${text}\r\n\r\n` : `${this.#written > 0 ? ',\r\n' : '['}${text}`,
      );
      this.#written += 1;
    });
  }

  #begin(): void {
    const { response, form } = this.#options;
    if (response.headersSent) return;
    const type = form === 'sse' ? 'text/event-stream' : 'application/json; charset=UTF-8';
    response.writeHead(200, { 'content-type': type });
  }

  #inOrder(write: () => void): void {
    const { response } = this.#options;
    if (this.#held) this.#held.push(write);
    else if (!response.writableEnded && !response.destroyed) write();
  }

  #body(parts: readonly AnswerPart[], candidate: WireJson): object {
    const { model, responseId } = this.#options;
    return {
      candidates: [{ content: { parts, role: 'model' }, ...candidate, index: 0 }],
      usageMetadata: this.#usage ?? this.#countedUsage(),
      modelVersion: model,
      responseId,
    };
  }

  #countedUsage(): object {
    const prompt = tokens(this.#options.promptChars);
    const answer = tokens(this.#answerChars);
    const thoughts = tokens(this.#thoughtChars);
    return {
      promptTokenCount: prompt,
      ...(answer > 0 && { candidatesTokenCount: answer }),
      ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
      totalTokenCount: prompt + answer + thoughts,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
    };
  }
}

export function tokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
