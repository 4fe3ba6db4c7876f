import type { LiveConnectConfig } from '@parley/live';
import type { LiveConnectConfig as SdkConnectConfig } from '@google/genai';
import type { ModelCapabilities } from './capabilities.js';
import { validateConnectConfig } from './connect-validation.js';
import type { GeminiProvider } from './provider-selection.js';
import type { SessionOpening } from './session-opening.js';

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
  opening: SessionOpening,
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
    tools: toolsOf(config),
    speechConfig: config.speechConfig,
    inputAudioTranscription: config.inputAudioTranscription,
    // Where the model can only speak, its words come as transcription.
    outputAudioTranscription: config.outputAudioTranscription ?? (speaks && wantsText ? {} : undefined),
    realtimeInputConfig: config.realtimeInputConfig,
    proactivity: capabilities.proactivity === 'settable' ? config.proactivity : undefined,
    enableAffectiveDialog: capabilities.affectiveDialog ? config.enableAffectiveDialog : undefined,
    sessionResumption: resumption(config.sessionResumption, provider, opening),
    contextWindowCompression: compression(config.contextWindowCompression),
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    maxOutputTokens: config.maxOutputTokens,
    seed: config.seed,
    mediaResolution: config.mediaResolution,
    thinkingConfig: config.thinkingConfig,
    safetySettings: config.safetySettings,
    explicitVadSignal: config.explicitVadSignal || undefined,
    translationConfig: config.translationConfig,
    avatarConfig: config.avatarConfig,
  };
  return {
    model: config.model,
    sdkConfig: structuredClone(withoutUndefined(fields)),
    splice: historySplice(provider, opening),
  };
}

/** Functions that run here, and tools that run at the provider. */
function toolsOf({ builtInTools = [], tools }: LiveConnectConfig): readonly object[] | undefined {
  const all = [...(tools.length > 0 ? [{ functionDeclarations: tools }] : []), ...builtInTools];
  return all.length > 0 ? all : undefined;
}

/**
 * Without this, history that ends with the user's words would be answered again; with it and no history, the user's
 * first words would be taken for history. So it follows what is sent, whatever `config` says. Not known to Vertex.
 */
function historySplice(provider: GeminiProvider['kind'], { history }: SessionOpening): SetupPlan['splice'] {
  if (history.length === 0 || provider === 'vertex') return {};
  return { historyConfig: { initialHistoryInClientContent: true } };
}

/**
 * Present, even when empty, it turns the handle updates on. `transparent` (the server tells what it has consumed) is
 * Vertex's, and on there unless refused; the SDK throws on it elsewhere.
 */
function resumption(
  asked: LiveConnectConfig['sessionResumption'],
  provider: GeminiProvider['kind'],
  { handle, resumption: wanted }: SessionOpening,
): object | undefined {
  if (!wanted) return undefined;
  return withoutUndefined({
    handle,
    transparent: provider === 'vertex' ? (asked?.transparent ?? true) : undefined,
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
