import type { GenerateContentResponse } from '@google/genai';
import type { Part, UsageMetadata } from '@parley/event';
import type { LlmResponse } from '@parley/live';
import { asArray, asRecord, asText, type JsonRecord } from './proto-json.js';
import { redact } from './redact.js';
import { mapServerMessage } from './server-message-mapper.js';

/** What one response of the API (or one piece of a streamed one) says. */
export interface LlmPiece {
  readonly parts: readonly Part[];
  /** What goes with the whole: the newest of each field counts. */
  readonly about: Omit<LlmResponse, 'content' | 'partial' | 'errorCode' | 'errorMessage'>;
  /** Why the model would not answer, or stopped before the end. */
  readonly refusal: Pick<LlmResponse, 'errorCode' | 'errorMessage'> | undefined;
}

/**
 * Reads a response; what is absent or of another type is not there. Of several candidates the first counts.
 * [src: adk-python llm_response.py `create`]
 */
export function readResponse(response: GenerateContentResponse): LlmPiece {
  const { candidates, promptFeedback, modelVersion, usageMetadata } = response as unknown as JsonRecord;
  const candidate = asRecord(asArray(candidates)[0]);
  const parts = asArray(asRecord(candidate?.['content'])?.['parts']).flatMap(signedPart);
  const finishReason = asText(candidate?.['finishReason']);
  const grounding = asRecord(candidate?.['groundingMetadata']);
  const citation = asRecord(candidate?.['citationMetadata']);
  const usage = usageOf(usageMetadata);
  const version = asText(modelVersion);
  return {
    parts,
    about: {
      ...(finishReason ? { finishReason } : {}),
      ...(usage ? { usageMetadata: usage } : {}),
      ...(grounding ? { groundingMetadata: grounding } : {}),
      ...(citation ? { citationMetadata: citation } : {}),
      ...(version ? { modelVersion: version } : {}),
    },
    refusal: refusalOf(finishReason, asText(candidate?.['finishMessage']), asRecord(promptFeedback)),
  };
}

function refusalOf(
  finishReason: string | undefined,
  finishMessage: string | undefined,
  feedback: JsonRecord | undefined,
): LlmPiece['refusal'] {
  const blocked = asText(feedback?.['blockReason']);
  if (blocked) return said(blocked, asText(feedback?.['blockReasonMessage']));
  if (!finishReason || finishReason === 'STOP' || finishReason === 'FINISH_REASON_UNSPECIFIED')
    return undefined;
  return said(finishReason, finishMessage);
}

function said(errorCode: string, message: string | undefined): LlmPiece['refusal'] {
  return { errorCode, errorMessage: message ? redact(message) : `The model stopped: ${errorCode}.` };
}

/** The live API's parts are the same; only signatures are of this one. */
function signedPart(raw: unknown): readonly Part[] {
  const thoughtSignature = asText(asRecord(raw)?.['thoughtSignature']);
  const part = mapServerMessage({ serverContent: { modelTurn: { parts: [raw] } } })?.parts?.[0];
  if (!part) return thoughtSignature ? [{ text: '', thoughtSignature }] : [];
  return [thoughtSignature ? { ...part, thoughtSignature } : part];
}

function usageOf(raw: unknown): UsageMetadata | undefined {
  const usageMetadata = asRecord(raw);
  return usageMetadata && mapServerMessage({ usageMetadata })?.usageMetadata;
}
