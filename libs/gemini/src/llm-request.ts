import type { GenerateContentConfig, GenerateContentParameters } from '@google/genai';
import { ParleyError } from '@parley/kernel';
import type { LlmRequest } from '@parley/live';
import { toSdkContents, type ContentsReader } from './llm-contents.js';

/** What a request may ask of the model; whatever else stands in its `config` is not sent. */
const CONFIG_FIELDS = [
  'temperature',
  'topP',
  'topK',
  'maxOutputTokens',
  'seed',
  'stopSequences',
  'presencePenalty',
  'frequencyPenalty',
  'responseMimeType',
  'responseJsonSchema',
  'mediaResolution',
  'thinkingConfig',
  'safetySettings',
] as const satisfies readonly (keyof GenerateContentConfig)[];

/**
 * A request in the SDK's words. Nothing is handed on by reference, because the SDK rewrites what it is given.
 * Throws `ParleyError` `provider_config` for a model's name that can be none.
 */
export function toSdkRequest(
  request: LlmRequest,
  abortSignal: AbortSignal,
  reader: Omit<ContentsReader, 'model'>,
): GenerateContentParameters {
  const { model, contents, systemInstruction, config = {} } = request;
  if (!/^[\w.@:/-]+$/.test(model)) {
    throw new ParleyError('provider_config', 'model is not the name of a model.', {
      kind: 'invalid_argument',
      details: { field: 'model' },
    });
  }
  const asked = CONFIG_FIELDS.map((field) => [field, config[field]] as const);
  const fields = structuredClone({
    ...Object.fromEntries(asked.filter(([, value]) => value !== undefined)),
    ...(systemInstruction
      ? { systemInstruction: { role: 'system', parts: [{ text: systemInstruction }] } }
      : {}),
    ...toolsOf(request),
  }) as GenerateContentConfig;
  return {
    model,
    contents: toSdkContents(contents, { ...reader, model }),
    config: { ...fields, abortSignal },
  };
}

function toolsOf({ tools = [], builtInTools = [] }: LlmRequest): object {
  const all = [...(tools.length > 0 ? [{ functionDeclarations: tools }] : []), ...builtInTools];
  return all.length > 0 ? { tools: all } : {};
}
