import { isJsonObject } from '../codec/json-object.js';
import type { WireJson } from '../scenario/step-message.js';

/** A part of an answer; media, text, a call or anything else that a scenario says. */
export type AnswerPart = Readonly<Record<string, unknown>>;

/** What one piece of an answer adds to it. */
export interface AnswerChunk {
  readonly parts: readonly AnswerPart[];
  /** Fields of the candidate beside its content, such as `groundingMetadata` and `finishReason`. */
  readonly candidate: WireJson;
  readonly usage: WireJson | undefined;
}

/** What a message of a live session would be in a generated answer; undefined where it has no place in one. */
export function chunkOf(message: WireJson): AnswerChunk | undefined {
  const { serverContent, toolCall, usageMetadata } = message;
  const content = isJsonObject(serverContent) ? serverContent : {};
  const turn = isJsonObject(content.modelTurn) ? content.modelTurn : {};
  const calls = isJsonObject(toolCall) && Array.isArray(toolCall.functionCalls) ? toolCall.functionCalls : [];
  const parts = Array.isArray(turn.parts) ? turn.parts : [];
  const chunk: AnswerChunk = {
    parts: [...parts.filter(isJsonObject), ...calls.map((functionCall: unknown) => ({ functionCall }))],
    candidate: {
      ...(content.groundingMetadata !== undefined && { groundingMetadata: content.groundingMetadata }),
      ...(content.turnCompleteReason !== undefined && { finishReason: content.turnCompleteReason }),
    },
    usage: isJsonObject(usageMetadata) ? usageMetadata : undefined,
  };
  const empty = chunk.parts.length === 0 && Object.keys(chunk.candidate).length === 0 && !chunk.usage;
  return empty ? undefined : chunk;
}

/** The parts of a whole answer: pieces of text that follow each other become one. */
export function joinParts(parts: readonly AnswerPart[]): AnswerPart[] {
  const joined: AnswerPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const continues = last && isPlainText(last) && isPlainText(part) && last.thought === part.thought;
    if (continues) joined[joined.length - 1] = { ...last, text: `${String(last.text)}${String(part.text)}` };
    else joined.push(part);
  }
  return joined;
}

function isPlainText(part: AnswerPart): boolean {
  return (
    typeof part.text === 'string' && Object.keys(part).every((name) => name === 'text' || name === 'thought')
  );
}
