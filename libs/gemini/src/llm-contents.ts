import type { Content as SdkContent, Part as SdkPart } from '@google/genai';
import type { Content, Part } from '@parley/event';
import { encodeBase64 } from '@parley/kernel';
import { mediaCount, toResponseParts } from './tool-response-frame.js';

/** Ids made by the runtime for calls that came without one. [src: adk-python functions.py] */
const OWN_CALL_ID = 'adk-';
/**
 * Gemini 3 refuses a call in the current turn that lacks the signature it came with; this stands in where there is
 * none, because the call was made by another model or in a live conversation.
 * [src: ai.google.dev/gemini-api/docs/thought-signatures]
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';
const WANTS_SIGNATURES = /gemini-([3-9]|\d\d)/;

/** Older models refuse a function response with media in it. [src: gemini-cli#19436] */
const NO_RESPONSE_MEDIA = /gemini-[12]\b/;

export interface ContentsReader {
  readonly model: string;
  readonly onVertex: boolean;
  /** Told how many media were left out of results, because the model or the API does not take them. */
  readonly onDroppedMedia: (count: number) => void;
}

/**
 * A conversation in the SDK's words, with base64 for bytes. What a model can not be shown is left out; a part that the
 * model signed goes back with its signature.
 */
export function toSdkContents(contents: readonly Content[], reader: ContentsReader): SdkContent[] {
  const { model } = reader;
  return contents.flatMap(({ role, parts }) => {
    const told = parts.flatMap((part) => toSdkPart(part, reader));
    if (told.length === 0) return [];
    if (role !== 'model') return [{ role: 'user', parts: told }];
    const first = told.find((part) => part.functionCall);
    if (first && !first.thoughtSignature && WANTS_SIGNATURES.test(model))
      first.thoughtSignature = NO_SIGNATURE;
    return [{ role: 'model', parts: told }];
  });
}

function toSdkPart(part: Part, reader: ContentsReader): SdkPart[] {
  const told = unsigned(part, reader);
  if (!told) return [];
  return [part.thoughtSignature ? { ...told, thoughtSignature: part.thoughtSignature } : told];
}

function unsigned(part: Part, { model, onDroppedMedia, onVertex }: ContentsReader): SdkPart | undefined {
  const { text, inlineData, fileData, functionCall, functionResponse, executableCode, codeExecutionResult } =
    part;
  if (text !== undefined) return part.thought ? undefined : { text };
  if (functionCall) {
    const { id, name, args } = functionCall;
    return { functionCall: { ...idOf(id), name, args: { ...args } } };
  }
  if (functionResponse) {
    const { id, name, response, parts = [] } = functionResponse;
    const media = NO_RESPONSE_MEDIA.test(model) ? [] : toResponseParts(parts, onVertex);
    onDroppedMedia(mediaCount(parts) - media.length);
    return {
      functionResponse: {
        ...idOf(id),
        name,
        response: { ...response },
        ...(media.length > 0 ? { parts: media } : {}),
      },
    };
  }
  if (inlineData)
    return { inlineData: { mimeType: inlineData.mimeType, data: encodeBase64(inlineData.data) } };
  // Files that only this service knows can not be fetched by the model.
  if (fileData) return fileData.fileUri.startsWith('artifact:') ? undefined : { fileData: { ...fileData } };
  if (executableCode || codeExecutionResult)
    return structuredClone({ executableCode, codeExecutionResult }) as SdkPart;
  return undefined;
}

function idOf(id: string): { readonly id?: string } {
  return id === '' || id.startsWith(OWN_CALL_ID) ? {} : { id };
}
