import { SessionBench } from '@parley-testing/emulator';
import { describe, expect, it } from 'vitest';
import type { ProfileName } from './model-profile.js';

async function closeOf(setup: object, profile?: ProfileName): Promise<number | undefined> {
  const bench = new SessionBench({ behaviour: profile ? { profile } : {} });
  await bench.send({ setup });
  return bench.closed?.code;
}

const LIVE = 'models/gemini-3.8-live';
const THINKING = 'models/gemini-3.8-live-extended-thinking';
const FLASH = 'models/gemini-3.1-flash-live-preview';
const NATIVE = 'models/gemini-2.5-flash-native-audio-preview-12-2025';

describe('a setup', () => {
  it.each([
    ['of a live model', { model: LIVE }],
    [
      'of a model named as Vertex does',
      { model: 'projects/p/locations/l/publishers/google/models/gemini-3.8-live' },
    ],
    [
      'with a voice',
      {
        model: LIVE,
        generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Aoede' } } } },
      },
    ],
    [
      'in text, of a half-cascade model',
      { model: 'models/gemini-2.0-flash-live-001', generationConfig: { responseModalities: ['TEXT'] } },
    ],
    [
      'with a level of thinking, of extended thinking',
      { model: THINKING, generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } },
    ],
    [
      'with a budget of thinking, of 2.5',
      { model: NATIVE, generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    ],
    ['with affective dialog, of 2.5', { model: NATIVE, generationConfig: { enableAffectiveDialog: true } }],
    ['with proactive audio off, of 3.1', { model: FLASH, proactivity: { proactiveAudio: false } }],
  ])('%s is taken', async (_what, setup) => {
    expect(await closeOf(setup)).toBeUndefined();
  });

  it.each([
    ['of an unknown model', 1008, { model: 'models/gemini-9' }],
    ['without a model', 1008, {}],
    [
      'in text, of a native-audio model',
      1007,
      { model: LIVE, generationConfig: { responseModalities: ['TEXT'] } },
    ],
    ['in two modalities', 1007, { model: LIVE, generationConfig: { responseModalities: ['AUDIO', 'TEXT'] } }],
    [
      'with an unknown voice',
      1007,
      {
        model: LIVE,
        generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Bob' } } } },
      },
    ],
    [
      'with thinking, of 3.8',
      1007,
      { model: LIVE, generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    ],
    [
      'with minimal thinking, of extended thinking',
      1007,
      { model: THINKING, generationConfig: { thinkingConfig: { thinkingLevel: 'MINIMAL' } } },
    ],
    [
      'with affective dialog, of 3.8',
      1007,
      { model: LIVE, generationConfig: { enableAffectiveDialog: true } },
    ],
    ['with proactive audio off, of 3.8', 1007, { model: LIVE, proactivity: { proactiveAudio: false } }],
    [
      'with a blocking function, of extended thinking',
      1007,
      { model: THINKING, tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING' }] }] },
    ],
    [
      'with a function declared twice',
      1007,
      { model: LIVE, tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'f' }] }] },
    ],
    ['with a field that does not exist', 1007, { model: LIVE, outputTranscription: {} }],
  ])('%s is refused', async (_what, code, setup) => {
    expect(await closeOf(setup)).toBe(code);
  });

  it('of any kind is taken by the permissive profile', async () => {
    const setup = {
      model: 'models/whatever',
      generationConfig: { responseModalities: ['TEXT'], enableAffectiveDialog: true },
    };
    expect(await closeOf(setup, 'permissive')).toBeUndefined();
  });

  it('is answered on Vertex with the id of the session', async () => {
    const bench = new SessionBench({ api: 'vertex' });
    await bench.setUp();
    expect(bench.messages[0]).toEqual({ setupComplete: { sessionId: 'emu_bench' } });
    await bench.write('Hello');
    await bench.untilTurnComplete();
    expect(
      bench.messages.find(({ serverContent }) => serverContent?.modelTurn)?.serverContent?.modelTurn?.role,
    ).toBe('model');
    expect(bench.messages.at(-1)?.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0);
    expect(bench.messages.at(-1)?.usageMetadata?.responseTokenCount).toBeUndefined();
  });
});
