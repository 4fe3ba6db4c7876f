import { ParleyError } from '@parley/kernel';
import type { LiveConnectConfig } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from './capabilities.js';
import { planSetup, type SetupPlan } from './connect-config.js';
import type { GeminiProvider } from './provider-selection.js';

const NATIVE_2_5 = 'gemini-2.5-flash-native-audio-preview-12-2025';

function configOf(fields: Partial<LiveConnectConfig> = {}): LiveConnectConfig {
  return { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [], ...fields };
}

function plan(
  fields: Partial<LiveConnectConfig> = {},
  provider: GeminiProvider['kind'] = 'gemini',
): SetupPlan {
  const config = configOf(fields);
  return planSetup(config, provider, capabilitiesOf(config.model));
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
    const { sdkConfig } = plan({
      ...passed,
      model: NATIVE_2_5,
      systemInstruction: 'Be kind.',
      tools: [tool],
      sessionResumption: { handle: 'h-1' },
      contextWindowCompression: { triggerTokens: 25_600, slidingWindow: { targetTokens: 12_800 } },
    });
    expect(sdkConfig).toEqual({
      ...passed,
      responseModalities: ['AUDIO'],
      systemInstruction: { role: 'system', parts: [{ text: 'Be kind.' }] },
      tools: [{ functionDeclarations: [tool] }],
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

  it('turns handle updates on even with an empty resumption', () => {
    expect(plan({ sessionResumption: {} }).sdkConfig.sessionResumption).toEqual({});
  });

  it('sends `transparent` to Vertex only', () => {
    const sessionResumption = { handle: 'h', transparent: true };
    expect(plan({ sessionResumption }, 'vertex').sdkConfig.sessionResumption).toEqual(sessionResumption);
    expect(plan({ sessionResumption: { transparent: false } }).sdkConfig.sessionResumption).toEqual({});
  });

  it('asks for history without an answer, except on Vertex, which does not know the field', () => {
    const history = [{ role: 'user' as const, parts: [{ text: 'hi' }] }];
    expect(plan({ history }).splice).toEqual({ historyConfig: { initialHistoryInClientContent: true } });
    expect(plan({ history }, 'vertex').splice).toEqual({});
    expect(plan({ history: [] }).splice).toEqual({});
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
    ['history', { history: [{ parts: [{ text: 'x' }] }], sessionResumption: { handle: 'h' } }],
    ['sessionResumption.transparent', { sessionResumption: { transparent: true } }],
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
      expect(error).toMatchObject({ code: 'provider_config', details: { field } });
    }
  });
});
