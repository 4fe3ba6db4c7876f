import type { LiveConnectConfig } from '@parley/live';
import type { LiveConnectConfig as SdkConnectConfig } from '@google/genai';
import type { ModelCapabilities } from './capabilities.js';
import { validateConnectConfig } from './connect-validation.js';
import type { GeminiProvider } from './provider-selection.js';

/** What one connection is opened with, in the SDK's words. */
export interface SetupPlan {
  readonly model: string;
  readonly sdkConfig: SdkConnectConfig;
  /** Fields of `setup` that the SDK would drop; merged into its frame. */
  readonly splice: Readonly<Record<string, unknown>>;
}

/**
 * Translates the port's configuration. What is not set is left out, so that the model's own default holds. Nothing
 * of `config` is handed on by reference, because the SDK rewrites tool schemas in place.
 * Throws `ParleyError` `provider_config` that names the field that the model or the backend does not take.
 */
export function planSetup(
  config: LiveConnectConfig,
  provider: GeminiProvider['kind'],
  capabilities: ModelCapabilities,
): SetupPlan {
  validateConnectConfig(config, provider, capabilities);
  const speaks = config.responseModalities[0] === 'AUDIO' || !capabilities.textModality;
  const wantsText = config.responseModalities[0] === 'TEXT';
  const fields = {
    responseModalities: [speaks ? 'AUDIO' : 'TEXT'],
    // ADK's role; a plain string would be sent as the user's words.
    systemInstruction: config.systemInstruction
      ? { role: 'system', parts: [{ text: config.systemInstruction }] }
      : undefined,
    tools: config.tools.length > 0 ? [{ functionDeclarations: config.tools }] : undefined,
    speechConfig: config.speechConfig,
    inputAudioTranscription: config.inputAudioTranscription,
    // Where the model can only speak, its words come as transcription.
    outputAudioTranscription: config.outputAudioTranscription ?? (speaks && wantsText ? {} : undefined),
    realtimeInputConfig: config.realtimeInputConfig,
    proactivity: capabilities.proactivity === 'settable' ? config.proactivity : undefined,
    enableAffectiveDialog: capabilities.affectiveDialog ? config.enableAffectiveDialog : undefined,
    sessionResumption: resumption(config.sessionResumption, provider),
    contextWindowCompression: compression(config.contextWindowCompression),
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    maxOutputTokens: config.maxOutputTokens,
    seed: config.seed,
    mediaResolution: config.mediaResolution,
    thinkingConfig: config.thinkingConfig,
    safetySettings: config.safetySettings,
  };
  return {
    model: config.model,
    sdkConfig: structuredClone(withoutUndefined(fields)),
    splice: historySplice(config, provider),
  };
}

/** Without this, history that ends with the user's words would be answered again. Not known to Vertex. */
function historySplice(config: LiveConnectConfig, provider: GeminiProvider['kind']): SetupPlan['splice'] {
  if (!config.history?.length || provider === 'vertex') return {};
  return { historyConfig: { initialHistoryInClientContent: true } };
}

/** Present, even when empty, it turns the handle updates on. The SDK throws on `transparent` outside Vertex. */
function resumption(
  asked: LiveConnectConfig['sessionResumption'],
  provider: GeminiProvider['kind'],
): object | undefined {
  if (asked === undefined) return undefined;
  return withoutUndefined({
    handle: asked.handle,
    transparent: provider === 'vertex' ? asked.transparent : undefined,
  });
}

/** Token counts are int64 on the wire, which proto3 JSON writes as strings. */
function compression(asked: LiveConnectConfig['contextWindowCompression']): object | undefined {
  if (asked === undefined) return undefined;
  const { triggerTokens, slidingWindow } = asked;
  return withoutUndefined({
    triggerTokens: triggerTokens === undefined ? undefined : String(triggerTokens),
    slidingWindow:
      slidingWindow && withoutUndefined({ targetTokens: slidingWindow.targetTokens?.toString() }),
  });
}

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
