import { ParleyError } from '@parley/kernel';
import type { LiveConnectConfig } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from './capabilities.js';
import { planSetup, type SetupPlan } from './connect-config.js';
import type { GeminiProvider } from './provider-selection.js';
import type { SessionOpening } from './session-opening.js';

const TRANSLATE = 'gemini-3.5-live-translate-preview';
const NATIVE_2_5 = 'gemini-2.5-flash-native-audio-preview-12-2025';

function configOf(fields: Partial<LiveConnectConfig> = {}): LiveConnectConfig {
  return { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [], ...fields };
}

function plan(
  fields: Partial<LiveConnectConfig> = {},
  provider: GeminiProvider['kind'] = 'gemini',
  opening: Partial<SessionOpening> = {},
): SetupPlan {
  const config = configOf(fields);
  const plain = { resumption: false, handle: undefined, history: [] };
  return planSetup(config, provider, capabilitiesOf(config.model), { ...plain, ...opening });
}

describe('planSetup', () => {
  it('sends nothing that is not set', () => {
    expect(plan()).toEqual({
      model: 'gemini-3.8-live',
      sdkConfig: { responseModalities: ['AUDIO'] },
      splice: {},
    });
  });

  it('translates all that a 2.5 model takes', () => {
    const tool = { name: 'f', description: 'does f', parametersJsonSchema: { type: 'object' } };
    const passed: Partial<LiveConnectConfig> = {
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } }, languageCode: 'en-US' },
      inputAudioTranscription: {},
      outputAudioTranscription: { languageCodes: ['en-US'] },
      realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
      proactivity: { proactiveAudio: true },
      enableAffectiveDialog: true,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 500,
      seed: 7,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      thinkingConfig: { thinkingBudget: 100 },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }],
    };
    const { sdkConfig } = plan(
      {
        ...passed,
        model: NATIVE_2_5,
        systemInstruction: 'Be kind.',
        tools: [tool],
        builtInTools: [{ googleSearch: {} }],
        contextWindowCompression: { triggerTokens: 25_600, slidingWindow: { targetTokens: 12_800 } },
      },
      'gemini',
      { resumption: true, handle: 'h-1' },
    );
    expect(sdkConfig).toEqual({
      ...passed,
      responseModalities: ['AUDIO'],
      systemInstruction: { role: 'system', parts: [{ text: 'Be kind.' }] },
      tools: [{ functionDeclarations: [tool] }, { googleSearch: {} }],
      sessionResumption: { handle: 'h-1' },
      contextWindowCompression: { triggerTokens: '25600', slidingWindow: { targetTokens: '12800' } },
    });
  });

  it('hands the SDK copies, because it rewrites schemas in place', () => {
    const parametersJsonSchema = { type: 'object', properties: { a: { type: 'string' } } };
    const { sdkConfig } = plan({ tools: [{ name: 'f', description: '', parametersJsonSchema }] });
    expect(JSON.stringify(sdkConfig)).toContain(JSON.stringify(parametersJsonSchema));
    const [tool] = sdkConfig.tools ?? [];
    const declared = tool && 'functionDeclarations' in tool ? tool.functionDeclarations?.[0] : undefined;
    expect(declared?.parametersJsonSchema).not.toBe(parametersJsonSchema);
  });

  it('runs TEXT as AUDIO with transcription on a model that only speaks', () => {
    expect(plan({ responseModalities: ['TEXT'] }).sdkConfig).toEqual({
      responseModalities: ['AUDIO'],
      outputAudioTranscription: {},
    });
    expect(plan({ model: 'gemini-live-2.5-flash', responseModalities: ['TEXT'] }).sdkConfig).toEqual({
      responseModalities: ['TEXT'],
    });
  });

  it('turns handle updates on even without a handle, and not at all when they are not wanted', () => {
    expect(plan({}, 'gemini', { resumption: true }).sdkConfig.sessionResumption).toEqual({});
    expect(plan({ sessionResumption: {} }).sdkConfig.sessionResumption).toBeUndefined();
  });

  it('asks Vertex, and nobody else, to tell what it has consumed', () => {
    const opening = { resumption: true, handle: 'h' };
    const resumption = (transparent?: boolean, provider: GeminiProvider['kind'] = 'vertex'): unknown => {
      const sessionResumption = transparent === undefined ? {} : { transparent };
      return plan({ sessionResumption }, provider, opening).sdkConfig.sessionResumption;
    };
    expect(resumption()).toEqual({ handle: 'h', transparent: true });
    expect(resumption(false)).toEqual({ handle: 'h', transparent: false });
    expect(resumption(true, 'gemini')).toEqual({ handle: 'h' });
  });

  it('asks for history without an answer, except on Vertex, which does not know the field', () => {
    const history = [{ role: 'user' as const, parts: [{ text: 'hi' }] }];
    expect(plan({}, 'gemini', { history }).splice).toEqual({
      historyConfig: { initialHistoryInClientContent: true },
    });
    expect(plan({}, 'vertex', { history }).splice).toEqual({});
  });

  it('does not let the first words of the user pass for history', () => {
    expect(plan({ historyConfig: { initialHistoryInClientContent: true } }).splice).toEqual({});
  });

  it('hands on what only some models and backends take', () => {
    const translationConfig = { targetLanguageCode: 'pl', echoTargetLanguage: true };
    const translate = plan({ model: 'gemini-3.5-live-translate-preview', translationConfig });
    expect(translate.sdkConfig).toEqual({ responseModalities: ['AUDIO'], translationConfig });
    const avatarConfig = { avatarName: 'somebody' };
    const vertex = plan({ explicitVadSignal: true, avatarConfig }, 'vertex');
    expect(vertex.sdkConfig).toEqual({
      responseModalities: ['AUDIO'],
      explicitVadSignal: true,
      avatarConfig,
    });
    expect(plan({ explicitVadSignal: false }).sdkConfig).toEqual({ responseModalities: ['AUDIO'] });
  });

  it('leaves out what is off or permanently on anyway', () => {
    const { sdkConfig } = plan({ proactivity: { proactiveAudio: true }, enableAffectiveDialog: false });
    expect(sdkConfig).toEqual({ responseModalities: ['AUDIO'] });
  });

  const tool = { name: 'f', description: '', parametersJsonSchema: {} };
  it.each<[field: string, Partial<LiveConnectConfig>]>([
    ['model', { model: '' }],
    ['model', { model: 'a b' }],
    ['responseModalities', { responseModalities: [] }],
    ['responseModalities', { responseModalities: ['AUDIO', 'TEXT'] }],
    ['explicitVadSignal', { explicitVadSignal: true }],
    ['translationConfig', { translationConfig: { targetLanguageCode: 'pl' } }],
    ['systemInstruction', { model: TRANSLATE, systemInstruction: 'Be kind.' }],
    ['tools', { model: TRANSLATE, tools: [tool] }],
    ['builtInTools', { model: TRANSLATE, builtInTools: [{ googleSearch: {} }] }],
    ['builtInTools[0]', { builtInTools: [{ functionDeclarations: [] }] }],
    ['builtInTools[1]', { builtInTools: [{ googleSearch: {} }, {}] }],
    ['proactivity.proactiveAudio', { proactivity: { proactiveAudio: false } }],
    ['proactivity.proactiveAudio', { model: 'gemini-3.1-flash-live', proactivity: { proactiveAudio: true } }],
    ['enableAffectiveDialog', { enableAffectiveDialog: true }],
    ['mediaResolution', { mediaResolution: 'HIGH' }],
    ['temperature', { temperature: 3 }],
    ['topP', { topP: Number.NaN }],
    ['maxOutputTokens', { maxOutputTokens: 1.5 }],
    ['contextWindowCompression.triggerTokens', { contextWindowCompression: { triggerTokens: 0 } }],
    [
      'contextWindowCompression.slidingWindow.targetTokens',
      { contextWindowCompression: { triggerTokens: 10, slidingWindow: { targetTokens: 11 } } },
    ],
    ['thinkingConfig', { thinkingConfig: { thinkingBudget: 1 } }],
    ['thinkingConfig.thinkingLevel', { model: NATIVE_2_5, thinkingConfig: { thinkingLevel: 'LOW' } }],
    ['thinkingConfig.thinkingBudget', { model: NATIVE_2_5, thinkingConfig: { thinkingBudget: 'much' } }],
    [
      'thinkingConfig.thinkingBudget',
      { model: 'gemini-3.8-live-extended-thinking', thinkingConfig: { thinkingBudget: 5 } },
    ],
    [
      'thinkingConfig.thinkingLevel',
      { model: 'gemini-3.8-live-extended-thinking', thinkingConfig: { thinkingLevel: 'MINIMAL' } },
    ],
    ['tools[0].name', { tools: [{ ...tool, name: '1st' }] }],
    ['tools[1].name', { tools: [tool, tool] }],
    [
      'tools[0].behavior',
      { model: 'gemini-3.8-live-extended-thinking', tools: [{ ...tool, behavior: 'BLOCKING' }] },
    ],
    ['tools[0].behavior', { model: 'gemini-3.1-flash-live', tools: [{ ...tool, behavior: 'NON_BLOCKING' }] }],
    ['safetySettings[0].category', { safetySettings: [{ category: 'x', threshold: 'OFF' }] }],
    ['safetySettings[0].threshold', { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT' }] }],
    [
      'safetySettings[0].method',
      { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF', method: 'SEVERITY' }] },
    ],
  ])('refuses a bad %s by name', (field, fields) => {
    try {
      plan(fields);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ParleyError);
      expect(error).toMatchObject({
        code: 'provider_config',
        details: { field, model: fields.model ?? 'gemini-3.8-live' },
      });
    }
  });
});
