import type { FunctionResponsePart } from '@google/genai';
import type { FunctionResponse, Part } from '@parley/event';
import { encodeBase64 } from '@parley/kernel';
import type { ModelCapabilities } from './capabilities.js';

export interface ToolResponseFrame {
  readonly text: string;
  /** Media that this model, or this API, does not take. */
  readonly droppedMedia: number;
}

/**
 * Results of tools as one text frame. Not the SDK's: that refuses a result without an id, and a call that came
 * without one is answered without one.
 */
export function toolResponseFrame(
  responses: readonly FunctionResponse[],
  capabilities: ModelCapabilities,
  onVertex: boolean,
): ToolResponseFrame {
  let droppedMedia = 0;
  const functionResponses = responses.map(({ id, name, parts = [], response, scheduling, willContinue }) => {
    const media = capabilities.responseMedia ? toResponseParts(parts, onVertex) : [];
    droppedMedia += mediaCount(parts) - media.length;
    return {
      ...(id === '' ? {} : { id }),
      name,
      response,
      ...(media.length > 0 ? { parts: media } : {}),
      ...(scheduling && capabilities.responseScheduling ? { scheduling } : {}),
      // Vertex does not know results in instalments.
      ...(willContinue === undefined || onVertex ? {} : { willContinue }),
    };
  });
  return { text: JSON.stringify({ toolResponse: { functionResponses } }), droppedMedia };
}

/**
 * Media that belongs to a result. Other parts have no place there; files are for Vertex only, and those that only this
 * service knows for nobody. [src: the API's `FunctionResponsePart`]
 */
export function toResponseParts(parts: readonly Part[], onVertex: boolean): FunctionResponsePart[] {
  return parts.flatMap(({ fileData, inlineData }): FunctionResponsePart[] => {
    if (inlineData) {
      const { mimeType, data } = inlineData;
      return [{ inlineData: { mimeType, data: encodeBase64(data) } }];
    }
    const fetchable = onVertex && fileData && !fileData.fileUri.startsWith('artifact:');
    return fetchable ? [{ fileData: { ...fileData } }] : [];
  });
}

/** How many media belong to a result, whoever takes them. */
export function mediaCount(parts: readonly Part[]): number {
  return parts.filter(({ fileData, inlineData }) => fileData ?? inlineData).length;
}
