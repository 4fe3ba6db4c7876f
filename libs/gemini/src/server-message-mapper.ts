import type { FunctionCall, ModalityTokenCount, Part, Transcription, UsageMetadata } from '@parley/event';
import type { LiveServerMessage } from '@parley/live';
import { base64Bytes } from './base64-bytes.js';
import { asArray, asCount, asDurationMs, asRecord, asText, type JsonRecord } from './proto-json.js';

type Draft = { -readonly [Key in keyof LiveServerMessage]: LiveServerMessage[Key] };

/**
 * One message of the server in the port's words; undefined when it holds nothing that the port knows.
 *
 * Every field stands for itself: since 3.1 one message may carry audio, transcription, flags and usage together.
 * False is absent (proto3 JSON), and what has an unexpected type is treated as absent. The message is read before
 * the SDK would touch it, because in Vertex mode the SDK drops fields (`responseTokenCount`, a top-level
 * `interactionStatus`). Ids of calls that come without one are '' (the runtime gives its own). Where the model hears
 * in one piece (`heardAtOnce`), what it heard is final.
 */
export function mapServerMessage(message: JsonRecord, heardAtOnce = false): LiveServerMessage | undefined {
  const draft: Draft = {};
  const content = asRecord(message['serverContent']);
  if (content) readContent(content, draft, heardAtOnce);

  const toolCalls = asArray(asRecord(message['toolCall'])?.['functionCalls']).flatMap(functionCall);
  if (toolCalls.length > 0) draft.toolCalls = toolCalls;

  const cancelled = asArray(asRecord(message['toolCallCancellation'])?.['ids']).filter(isText);
  if (cancelled.length > 0) draft.cancelledToolCallIds = cancelled;

  const usage = asRecord(message['usageMetadata']);
  if (usage) draft.usageMetadata = usageMetadata(usage);

  const goAway = asRecord(message['goAway']);
  if (goAway) draft.goAway = { timeLeftMs: asDurationMs(goAway['timeLeft']) ?? 0 };

  const update = asRecord(message['sessionResumptionUpdate']);
  if (update) {
    const newHandle = asText(update['newHandle']);
    const consumed = asCount(update['lastConsumedClientMessageIndex']);
    draft.sessionResumptionUpdate = {
      resumable: update['resumable'] === true,
      ...(newHandle ? { newHandle } : {}),
      ...(consumed === undefined ? {} : { lastConsumedClientMessageIndex: String(consumed) }),
    };
  }

  const activity = voiceActivity(message);
  if (activity) draft.voiceActivity = activity;

  // Google's sample reads it at the top, the SDK's types have it in serverContent.
  const status = asText(message['interactionStatus']) ?? asText(content?.['interactionStatus']);
  if (status) draft.interactionStatus = status;

  return Object.keys(draft).length > 0 ? draft : undefined;
}

function readContent(content: JsonRecord, draft: Draft, heardAtOnce: boolean): void {
  const parts = asArray(asRecord(content['modelTurn'])?.['parts']).flatMap(modelPart);
  if (parts.length > 0) draft.parts = parts;

  const heard = transcription(content['inputTranscription']);
  if (heard) draft.inputTranscription = heardAtOnce ? { ...heard, finished: true } : heard;
  const hearing = transcription(content['interimInputTranscription']);
  if (hearing) draft.interimInputTranscription = hearing;
  const said = transcription(content['outputTranscription']);
  if (said) draft.outputTranscription = said;

  if (content['generationComplete'] === true) draft.generationComplete = true;
  if (content['turnComplete'] === true) draft.turnComplete = true;
  if (content['interrupted'] === true) draft.interrupted = true;
  if (content['waitingForInput'] === true) draft.waitingForInput = true;

  const reason = asText(content['turnCompleteReason']);
  if (reason) draft.turnCompleteReason = reason;
  const grounding = asRecord(content['groundingMetadata']);
  if (grounding) draft.groundingMetadata = grounding;
}

function modelPart(value: unknown): readonly Part[] {
  const part = asRecord(value);
  if (!part) return [];
  const text = asText(part['text']);
  if (text) return [part['thought'] === true ? { text, thought: true } : { text }];

  const blob = asRecord(part['inlineData']);
  if (blob) {
    const data = bytesOf(blob['data']);
    return data?.length ? [{ inlineData: { mimeType: asText(blob['mimeType']) ?? '', data } }] : [];
  }

  const call = functionCall(part['functionCall'])[0];
  if (call) return [{ functionCall: call }];

  const file = asRecord(part['fileData']);
  const fileUri = asText(file?.['fileUri']);
  if (fileUri) return [{ fileData: { fileUri, ...optionalText(file, 'mimeType') } }];

  const code = asRecord(part['executableCode']);
  if (code) return [{ executableCode: { ...optionalText(code, 'code'), ...optionalText(code, 'language') } }];
  const result = asRecord(part['codeExecutionResult']);
  if (result) {
    return [
      { codeExecutionResult: { ...optionalText(result, 'outcome'), ...optionalText(result, 'output') } },
    ];
  }
  return [];
}

/** Bytes already where `audio-messages` has read the audio. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  return typeof data === 'string' ? base64Bytes(data) : undefined;
}

/** Pieces as they come; `finished` may come alone, without text, and often never comes. */
function transcription(value: unknown): Transcription | undefined {
  const piece = asRecord(value);
  const text = asText(piece?.['text']) ?? '';
  const finished = piece?.['finished'] === true;
  if (!text && !finished) return undefined;
  return { text, finished, ...optionalText(piece, 'languageCode'), ...optionalText(piece, 'speakerLabel') };
}

function functionCall(value: unknown): readonly FunctionCall[] {
  const call = asRecord(value);
  const name = asText(call?.['name']);
  if (!call || !name) return [];
  return [{ id: asText(call['id']) ?? '', name, args: asRecord(call['args']) ?? {} }];
}

/** Output tokens are `candidates…` on Vertex and `response…` on the Gemini API; here always both. */
function usageMetadata(usage: JsonRecord): UsageMetadata {
  const output = asCount(usage['responseTokenCount']) ?? asCount(usage['candidatesTokenCount']);
  const outputDetails = tokenDetails(usage['responseTokensDetails'] ?? usage['candidatesTokensDetails']);
  const trafficType = asText(usage['trafficType']);
  return {
    ...optionalCount(usage, 'promptTokenCount'),
    ...(output === undefined ? {} : { candidatesTokenCount: output, responseTokenCount: output }),
    ...optionalCount(usage, 'totalTokenCount'),
    ...optionalCount(usage, 'thoughtsTokenCount'),
    ...optionalCount(usage, 'toolUsePromptTokenCount'),
    ...optionalCount(usage, 'cachedContentTokenCount'),
    ...optionalDetails(usage, 'promptTokensDetails'),
    ...optionalDetails(usage, 'cacheTokensDetails'),
    ...optionalDetails(usage, 'toolUsePromptTokensDetails'),
    ...(outputDetails.length > 0
      ? { candidatesTokensDetails: outputDetails, responseTokensDetails: outputDetails }
      : {}),
    ...(trafficType ? { trafficType } : {}),
  };
}

function tokenDetails(value: unknown): readonly ModalityTokenCount[] {
  return asArray(value).flatMap((entry) => {
    const modality = asText(asRecord(entry)?.['modality']);
    return modality ? [{ modality, tokenCount: asCount(asRecord(entry)?.['tokenCount']) ?? 0 }] : [];
  });
}

/** `type` on the wire, `voiceActivityType` where a proxy speaks the SDK's words; SOS/EOS is the older signal. */
function voiceActivity(message: JsonRecord): LiveServerMessage['voiceActivity'] {
  const activity = asRecord(message['voiceActivity']);
  const signal = asText(asRecord(message['voiceActivityDetectionSignal'])?.['vadSignalType']);
  const type = asText(activity?.['type']) ?? asText(activity?.['voiceActivityType']) ?? signal;
  const offsetMs = asDurationMs(activity?.['audioOffset']);
  const offset = offsetMs === undefined ? {} : { audioOffsetMs: offsetMs };
  if (type === 'ACTIVITY_START' || type === 'VAD_SIGNAL_TYPE_SOS')
    return { type: 'ACTIVITY_START', ...offset };
  if (type === 'ACTIVITY_END' || type === 'VAD_SIGNAL_TYPE_EOS') return { type: 'ACTIVITY_END', ...offset };
  return undefined;
}

function optionalText<Key extends string>(record: JsonRecord | undefined, key: Key): { [K in Key]?: string } {
  const text = asText(record?.[key]);
  return text === undefined ? {} : ({ [key]: text } as { [K in Key]: string });
}

function optionalCount<Key extends string>(record: JsonRecord, key: Key): { [K in Key]?: number } {
  const count = asCount(record[key]);
  return count === undefined ? {} : ({ [key]: count } as { [K in Key]: number });
}

function optionalDetails<Key extends string>(
  record: JsonRecord,
  key: Key,
): { [K in Key]?: readonly ModalityTokenCount[] } {
  const details = tokenDetails(record[key]);
  return details.length === 0 ? {} : ({ [key]: details } as { [K in Key]: readonly ModalityTokenCount[] });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
