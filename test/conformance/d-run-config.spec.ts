import { mediaOf } from '@parley/event';
import { LlmAgent, parseRunConfig } from '@parley/live';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { conversations, MODELS, type Scene } from './support/conversations.js';
import { failure } from './support/errors.js';
import { caption, text, toolCall, turnComplete, usage, voice } from './support/messages.js';

const conversation = conversations();

/** The set-up that a run of this kind opens its connection with. */
async function setupOf(scene: Scene = {}): Promise<Readonly<Record<string, unknown>>> {
  const call = await conversation(scene);
  expect(call.failure).toBeUndefined();
  return call.model.setup;
}

const voiceNamed = (voiceName: string): object => ({ voiceConfig: { prebuiltVoiceConfig: { voiceName } } });

describe('D. RunConfig', () => {
  it('D1 asks for audio where nothing is said', async () => {
    expect(await setupOf()).toMatchObject({ generationConfig: { responseModalities: ['AUDIO'] } });
  });

  it('D2 refuses two modalities before anything is connected', () => {
    expect(() => parseRunConfig({ responseModalities: ['AUDIO', 'TEXT'] })).toThrow(
      failure('invalid_config', /responseModalities/),
    );
  });

  it('D3 runs TEXT as audio on a model that only speaks, and tells its words as text', async () => {
    const call = await conversation({ runConfig: { responseModalities: ['TEXT'] } });
    expect(call.model.setup).toMatchObject({
      generationConfig: { responseModalities: ['AUDIO'] },
      outputAudioTranscription: {},
    });
    call.model.send(voice(), caption('Hello'), voice(), caption(' there'), turnComplete());
    await call.event({ turnComplete: true });
    expect(call.kinds).toEqual([
      'partial text "Hello"',
      'partial text " there"',
      'text "Hello there"',
      'turnComplete',
    ]);
    expect(call.events.some((event) => mediaOf(event))).toBe(false);
  });

  it('D3 runs TEXT as text on a model that writes', async () => {
    const setup = await setupOf({
      model: MODELS.halfCascade,
      runConfig: { responseModalities: ['TEXT'] },
    });
    expect(setup).toMatchObject({ generationConfig: { responseModalities: ['TEXT'] } });
  });

  it.each(['BIDI', 'bidi', 'SSE', 'NONE'])(
    'D4 takes streaming mode %s and changes nothing',
    async (streamingMode) => {
      expect(await setupOf({ runConfig: { streamingMode } })).toEqual(await setupOf());
    },
  );

  it('D5 transcribes both directions by default, and not where null is said', async () => {
    expect(await setupOf()).toMatchObject({ inputAudioTranscription: {}, outputAudioTranscription: {} });
    const deaf = await setupOf({ runConfig: { inputAudioTranscription: null } });
    expect(deaf).not.toHaveProperty('inputAudioTranscription');
    expect(deaf).toHaveProperty('outputAudioTranscription');
    const mute = await setupOf({ runConfig: { outputAudioTranscription: null } });
    expect(mute).toHaveProperty('inputAudioTranscription');
    expect(mute).not.toHaveProperty('outputAudioTranscription');
  });

  it('D5 transcribes both directions for an agent with sub-agents', async () => {
    const child = new LlmAgent({ name: 'child', description: 'Helps.', instruction: 'Help.' });
    expect(await setupOf({ agentConfig: { subAgents: [child] } })).toMatchObject({
      inputAudioTranscription: {},
      outputAudioTranscription: {},
    });
  });

  it("D6 lets the agent's voice win over the run's, also after a transfer", async () => {
    const billing = new LlmAgent({
      name: 'billing',
      description: 'Knows about bills.',
      instruction: 'Bill.',
      speechConfig: voiceNamed('Kore'),
    });
    const call = await conversation({
      agentConfig: { speechConfig: voiceNamed('Puck'), subAgents: [billing] },
      runConfig: { speechConfig: voiceNamed('Zephyr') },
    });
    expect(call.model.setup).toMatchObject({ generationConfig: { speechConfig: voiceNamed('Puck') } });
    call.model.send(toolCall({ id: '1', name: 'transfer_to_agent', args: { agent_name: 'billing' } }));
    const next = await call.connection(1);
    expect(next.setup).toMatchObject({ generationConfig: { speechConfig: voiceNamed('Kore') } });
  });

  it("D6 takes the run's voice where the agent has none", async () => {
    expect(await setupOf({ runConfig: { speechConfig: voiceNamed('Zephyr') } })).toMatchObject({
      generationConfig: { speechConfig: voiceNamed('Zephyr') },
    });
  });

  it('D7 leaves affective dialogue out of the set-up where it is not asked for', async () => {
    for (const model of [MODELS.nativeAudio25, MODELS.live38])
      expect(JSON.stringify(await setupOf({ model }))).not.toContain('ffective');
    const asked = await setupOf({ model: MODELS.nativeAudio25, runConfig: { enableAffectiveDialog: true } });
    expect(asked).toMatchObject({ generationConfig: { enableAffectiveDialog: true } });
  });

  it.each([{ proactivity: { proactiveAudio: true } }, { enableAffectiveDialog: true }])(
    'D8 refuses what gemini-3.1-flash-live can not do, by its name: %o',
    async (runConfig) => {
      const call = await conversation({ model: MODELS.flashLive31, runConfig });
      await call.over();
      const [field = ''] = Object.keys(runConfig);
      const problem = new RegExp(field);
      expect(call.events).toMatchObject([
        { errorCode: 'provider_config', errorMessage: expect.stringMatching(problem) as string },
      ]);
      expect(call.failure).toEqual(failure('provider_config', problem));
      expect(call.connections).toEqual([]);
    },
  );

  it('D8 lets a model that can do both have both', async () => {
    const runConfig = { proactivity: { proactiveAudio: true }, enableAffectiveDialog: true };
    expect(await setupOf({ model: MODELS.nativeAudio25, runConfig })).toMatchObject({
      proactivity: { proactiveAudio: true },
      generationConfig: { enableAffectiveDialog: true },
    });
  });

  it('D9 sets a window up with both numbers as int64 strings', async () => {
    const contextWindowCompression = { triggerTokens: 100_000, slidingWindow: { targetTokens: 80_000 } };
    expect(await setupOf({ runConfig: { contextWindowCompression } })).toMatchObject({
      contextWindowCompression: { triggerTokens: '100000', slidingWindow: { targetTokens: '80000' } },
    });
  });

  it('D10 sets up temperature, thinking, media resolution and safety', async () => {
    const safetySettings = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }];
    const generation = {
      temperature: 0.5,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      thinkingConfig: { thinkingBudget: 128 },
    };
    const setup = await setupOf({
      model: MODELS.nativeAudio25,
      runConfig: { ...generation, safetySettings },
    });
    expect(setup).toMatchObject({ generationConfig: generation, safetySettings });
  });

  it('D11 asks for transparent resumption on Vertex, not on the Gemini API', async () => {
    const runConfig = { sessionResumption: { transparent: true } };
    const onGemini = await setupOf({ runConfig });
    expect(onGemini).toHaveProperty('sessionResumption');
    expect(onGemini['sessionResumption']).toEqual({});
    const onVertex = await setupOf({ runConfig, api: 'vertex' });
    expect(onVertex['sessionResumption']).toEqual({ transparent: true });
  });

  it('D12 ends a run at its number of turns, where maxLlmCalls would not', async () => {
    const call = await conversation({ runConfig: { maxTurns: 2, maxLlmCalls: 1 } });
    call.model.send(voice(), turnComplete(), voice(), turnComplete());
    await call.over();
    expect(call.eventsWith({ turnComplete: true })).toHaveLength(2);
    expect(call.events.at(-1)).toMatchObject({ errorCode: 'max_turns' });
  });

  it('D12 ends a run at its number of tokens', async () => {
    const call = await conversation({ runConfig: { maxTokens: 1_000 } });
    call.model.send(usage({ totalTokenCount: 600 }), turnComplete());
    await call.event({ turnComplete: true });
    await call.sent();
    expect(call.ended).toBe(false);
    call.model.send(usage({ totalTokenCount: 400 }));
    await call.over();
    expect(call.events.at(-1)).toMatchObject({ errorCode: 'budget_spent' });
  });

  it('D12 ends a run when its time is over', async () => {
    const clock = new ManualClock();
    const call = await conversation({ clock, runConfig: { maxDurationMs: 60_000 } });
    await clock.advance(59_000);
    call.model.send(text('Still here.'), turnComplete());
    await call.event({ turnComplete: true });
    await clock.advance(1_000);
    await call.over();
    expect(call.events.at(-1)).toMatchObject({ errorCode: 'max_duration' });
  });

  it('D13 refuses an unknown field by its name, at any depth', () => {
    expect(() => parseRunConfig({ responceModalities: ['AUDIO'] })).toThrow(
      failure('invalid_config', /responceModalities/),
    );
    expect(() => parseRunConfig({ realtimeInputConfig: { turnCover: 'x' } })).toThrow(
      failure('invalid_config', /realtimeInputConfig\.turnCover/),
    );
  });
});
