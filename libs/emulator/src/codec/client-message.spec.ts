import { describe, expect, it } from 'vitest';
import { decodeClientMessage } from './client-message.js';
import { durationText, encodeServerMessage } from './server-message.js';

const decode = (message: unknown) => decodeClientMessage(JSON.stringify(message));

describe('client messages', () => {
  it('are read in camelCase and snake_case, with enums in any case', () => {
    const camel = decode({
      setup: {
        model: 'models/m',
        generationConfig: {
          responseModalities: ['AUDIO'],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
        },
        systemInstruction: { role: 'system', parts: [{ text: 'Be kind.' }, { text: 'Be brief.' }] },
        realtimeInputConfig: {
          automaticActivityDetection: {
            endOfSpeechSensitivity: 'END_SENSITIVITY_HIGH',
            silenceDurationMs: 700,
          },
          activityHandling: 'NO_INTERRUPTION',
        },
        sessionResumption: { handle: 'h', transparent: true },
        outputAudioTranscription: {},
      },
    });
    const snake = decode({
      setup: {
        model: 'models/m',
        generation_config: {
          response_modalities: 'audio',
          speech_config: { voice_config: { prebuilt_voice_config: { voice_name: 'Kore' } } },
        },
        system_instruction: { parts: [{ text: 'Be kind.' }, { text: 'Be brief.' }] },
        realtime_input_config: {
          automatic_activity_detection: {
            end_of_speech_sensitivity: 'end_sensitivity_high',
            silence_duration_ms: '700',
          },
          activity_handling: 'no_interruption',
        },
        session_resumption: { handle: 'h', transparent: true },
        output_audio_transcription: {},
      },
    });
    expect(snake).toEqual(camel);
    expect(camel).toMatchObject({
      setup: { systemInstruction: 'Be kind.\nBe brief.', interruptible: false, outputTranscription: true },
    });
  });

  it('take null as absent and default what is not set', () => {
    expect(decode({ setup: { model: 'models/m', tools: null, sessionResumption: {} } })).toMatchObject({
      setup: {
        functions: [],
        interruptible: true,
        inputTranscription: false,
        activityDetection: { disabled: false, silenceDurationMs: undefined },
        resumption: { handle: undefined, transparent: false },
      },
    });
  });

  it('carry media in either base64 alphabet, with or without padding', () => {
    const bytes = [0xfb, 0xff, 0xbf, 0x01];
    for (const data of ['+/+/AQ==', '-_-_AQ==', '-_-_AQ']) {
      const message = decode({ realtimeInput: { audio: { data, mimeType: 'audio/pcm' } } });
      expect(message.kind === 'realtimeInput' ? [...(message.audio?.bytes ?? [])] : []).toEqual(bytes);
    }
  });

  it('tell scheduling and willContinue beside the response or inside of it', () => {
    const outer = { id: '1', name: 'f', response: { output: 1 }, scheduling: 'silent', willContinue: true };
    const inner = { id: '1', name: 'f', response: { output: 1, scheduling: 'SILENT', will_continue: true } };
    const read = (answer: object) => decode({ toolResponse: { functionResponses: [answer] } });
    expect(read(inner)).toEqual(read(outer));
    expect(read({ name: 'f', response: {} })).toMatchObject({
      responses: [{ id: '', scheduling: 'WHEN_IDLE' }],
    });
  });

  it('declare functions by Schema or by JSON Schema alike', () => {
    const properties = { n: { type: ['integer', 'null'], enum: ['a'] } };
    const read = (declaration: object) =>
      decode({ setup: { model: 'm', tools: [{ functionDeclarations: [{ name: 'f', ...declaration }] }] } });
    const upper = { n: { type: 'INTEGER', enum: ['a'] } };
    expect(read({ parametersJsonSchema: { type: 'object', properties } })).toEqual(
      read({ parameters: { type: 'OBJECT', properties: upper } }),
    );
  });

  it.each([
    ['no JSON', '{"setup":', 'malformed_json'],
    ['an array', '[]', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['nothing in it', '{}', 'invalid_message'],
    ['two kinds at once', '{"setup":{},"clientContent":{}}', 'invalid_message'],
    ['an unknown kind', '{"hello":{}}', 'invalid_message'],
    ['a field of the wrong type', '{"clientContent":{"turnComplete":"yes"}}', 'invalid_message'],
    ['an unknown field of setup', '{"setup":{"modle":"x"}}', 'invalid_message'],
    ['bytes that are no base64', '{"realtimeInput":{"audio":{"data":"%%"}}}', 'invalid_message'],
  ])('with %s are refused', (_what, text, code) => {
    expect(() => decodeClientMessage(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('server messages', () => {
  it('are pretty-printed in binary frames as Google does, or compact text', () => {
    const pretty = encodeServerMessage({ setupComplete: {} }, 'pretty-binary');
    expect(pretty.toString()).toBe('{\n  "setupComplete": {}\n}\n');
    expect(pretty).toBeInstanceOf(Buffer);
    expect(encodeServerMessage({ setupComplete: {} }, 'compact-text')).toBe('{"setupComplete":{}}');
  });

  it('write durations in seconds', () => {
    expect([60_000, 59_500, 1, -5].map(durationText)).toEqual(['60s', '59.5s', '0.001s', '0s']);
  });
});
