import { describe, expect, it } from 'vitest';
import { mapServerMessage } from './server-message-mapper.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('mapServerMessage', () => {
  it('maps every field of a combined message', () => {
    expect(
      mapServerMessage({
        serverContent: {
          modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: 'AQID' } }] },
          outputTranscription: { text: 'Hello' },
          inputTranscription: { text: 'hi', finished: true, languageCode: 'en', speakerLabel: 'a' },
          interimInputTranscription: { text: 'h' },
          urlContextMetadata: { urlMetadata: [] },
          generationComplete: true,
          turnComplete: true,
          interrupted: true,
          waitingForInput: true,
          turnCompleteReason: 'NEED_MORE_INPUT',
          groundingMetadata: { webSearchQueries: ['q'] },
        },
        usageMetadata: { totalTokenCount: 3 },
        goAway: { timeLeft: '50s' },
        sessionResumptionUpdate: { newHandle: 'h-1', resumable: true, lastConsumedClientMessageIndex: '12' },
      }),
    ).toEqual({
      parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: bytes(1, 2, 3) } }],
      outputTranscription: { text: 'Hello', finished: false },
      inputTranscription: { text: 'hi', finished: true, languageCode: 'en', speakerLabel: 'a' },
      interimInputTranscription: { text: 'h', finished: false },
      generationComplete: true,
      turnComplete: true,
      interrupted: true,
      waitingForInput: true,
      turnCompleteReason: 'NEED_MORE_INPUT',
      groundingMetadata: { webSearchQueries: ['q'] },
      usageMetadata: { totalTokenCount: 3 },
      goAway: { timeLeftMs: 50_000 },
      sessionResumptionUpdate: { newHandle: 'h-1', resumable: true, lastConsumedClientMessageIndex: '12' },
    });
  });

  it('maps each kind of part', () => {
    const parts = [
      { text: 'thinking', thought: true },
      { text: 'said' },
      { executableCode: { code: '1+1', language: 'PYTHON' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } },
      { fileData: { fileUri: 'gs://x', mimeType: 'text/plain' } },
      { functionCall: { name: 'f', args: { a: 1 } } },
      { inlineData: { mimeType: 'image/png', data: '_-8' } },
    ];
    expect(mapServerMessage({ serverContent: { modelTurn: { parts } } })?.parts).toEqual([
      ...parts.slice(0, 5),
      { functionCall: { id: '', name: 'f', args: { a: 1 } } },
      { inlineData: { mimeType: 'image/png', data: bytes(255, 239) } },
    ]);
  });

  it.each([
    [
      'the Gemini API',
      { responseTokenCount: 5, responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }] },
    ],
    ['Vertex', { candidatesTokenCount: 5, candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }] }],
  ])('fills in both names of the output tokens from those of %s', (_backend, usage) => {
    expect(
      mapServerMessage({
        usageMetadata: {
          promptTokenCount: 10,
          totalTokenCount: '15',
          thoughtsTokenCount: 2,
          toolUsePromptTokenCount: 1,
          cachedContentTokenCount: 4,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }],
          cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 4 }],
          toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }],
          trafficType: 'ON_DEMAND',
          ...usage,
        },
      })?.usageMetadata,
    ).toEqual({
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      responseTokenCount: 5,
      totalTokenCount: 15,
      thoughtsTokenCount: 2,
      toolUsePromptTokenCount: 1,
      cachedContentTokenCount: 4,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 10 }],
      cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 4 }],
      toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }],
      responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }],
      trafficType: 'ON_DEMAND',
    });
  });

  it('leaves the id of a call empty when it comes without one', () => {
    expect(
      mapServerMessage({
        toolCall: {
          functionCalls: [{ id: 'c-1', name: 'f', args: { x: [1] } }, { name: 'g' }, { id: 'c-2' }],
        },
        toolCallCancellation: { ids: ['c-0', 7] },
      }),
    ).toEqual({
      toolCalls: [
        { id: 'c-1', name: 'f', args: { x: [1] } },
        { id: '', name: 'g', args: {} },
      ],
      cancelledToolCallIds: ['c-0'],
    });
  });

  it.each([
    [{ voiceActivity: { type: 'ACTIVITY_START', audioOffset: '1.25s' } }, 'ACTIVITY_START', 1_250],
    [{ voiceActivity: { voiceActivityType: 'ACTIVITY_END' } }, 'ACTIVITY_END', undefined],
    [{ voiceActivityDetectionSignal: { vadSignalType: 'VAD_SIGNAL_TYPE_SOS' } }, 'ACTIVITY_START', undefined],
  ])('reads voice activity from %j', (message, type, audioOffsetMs) => {
    expect(mapServerMessage(message)).toEqual({
      voiceActivity: audioOffsetMs === undefined ? { type } : { type, audioOffsetMs },
    });
  });

  it.each([{ interactionStatus: 'IDLE' }, { serverContent: { interactionStatus: 'IDLE' } }])(
    'finds the interaction status in %j',
    (message) => {
      expect(mapServerMessage(message)).toEqual({ interactionStatus: 'IDLE' });
    },
  );

  it('takes what was heard for final where a model hears in one piece (H7)', () => {
    const message = { serverContent: { inputTranscription: { text: 'hi' } } };
    expect(mapServerMessage(message, true)).toEqual({ inputTranscription: { text: 'hi', finished: true } });
  });

  it('says when the session is not resumable just now', () => {
    expect(mapServerMessage({ sessionResumptionUpdate: { newHandle: '' } })).toEqual({
      sessionResumptionUpdate: { resumable: false },
    });
  });

  it('takes a goAway without a time for one that is due', () => {
    expect(mapServerMessage({ goAway: {} })).toEqual({ goAway: { timeLeftMs: 0 } });
  });

  it.each([
    {},
    { setupComplete: {} },
    { somethingNew: { a: 1 } },
    { serverContent: {} },
    { serverContent: { interrupted: false, modelTurn: { parts: [] }, outputTranscription: {} } },
    { serverContent: 'text', toolCall: [], usageMetadata: 3, goAway: null },
    { serverContent: { modelTurn: { parts: [null, 1, { inlineData: { data: '***' } }, { text: '' }] } } },
  ])('delivers nothing for %j', (message) => {
    expect(mapServerMessage(message)).toBeUndefined();
  });
});
