import { GREETER } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { AUDIO, GENERATION_COMPLETE, heard, modelTurn, spoken, TURN_COMPLETE } from '../model-messages.js';

const SPOKEN_TO = [{ speaksMs: 100 }, { hears: 'realtimeInput' }] as const;

/** Turns in which both sides speak. */
export const SPEECH: readonly Conversation[] = [
  {
    title: 'a spoken turn',
    agent: GREETER,
    steps: [
      ...SPOKEN_TO,
      {
        model: [
          heard('Good '),
          heard('day'),
          modelTurn(AUDIO),
          spoken('Hello '),
          modelTurn(AUDIO),
          spoken('you'),
          GENERATION_COMPLETE,
          TURN_COMPLETE,
        ],
      },
    ],
    events: [
      'user: (partial) inputTranscription={"finished":false,"text":"Good "}',
      'user: (partial) inputTranscription={"finished":false,"text":"day"}',
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: (partial) outputTranscription={"finished":false,"text":"Hello "}',
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: (partial) outputTranscription={"finished":false,"text":"you"}',
      'user: (whole) inputTranscription={"finished":true,"text":"Good day"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Hello you"}',
      'greeter: turnComplete',
      'ends',
    ],
    models: [
      'user: inputTranscription of no model',
      'user: inputTranscription of no model',
      'greeter: inlineData of gemini-2.5-flash-native-audio-preview-12-2025',
      'greeter: outputTranscription of no model',
      'greeter: inlineData of gemini-2.5-flash-native-audio-preview-12-2025',
      'greeter: outputTranscription of no model',
      'user: inputTranscription of no model',
      'greeter: outputTranscription of no model',
      'greeter: turnComplete of gemini-2.5-flash-native-audio-preview-12-2025',
    ],
    sent: ['#1 realtimeInput {"audio":{"data":"3200 bytes","mimeType":"audio/pcm;rate=16000"}}'],
    stored: [
      'user: (whole) inputTranscription={"finished":true,"text":"Good day"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Hello you"}',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'transcriptions that the model finishes itself',
    agent: GREETER,
    steps: [
      ...SPOKEN_TO,
      { model: [heard('Good day', true), spoken('Hello '), spoken('you', true), TURN_COMPLETE] },
    ],
    events: [
      'user: (partial) inputTranscription={"finished":false,"text":"Good day"}',
      'user: (whole) inputTranscription={"finished":true,"text":"Good day"}',
      'greeter: (partial) outputTranscription={"finished":false,"text":"Hello "}',
      'greeter: (partial) outputTranscription={"finished":false,"text":"you"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Hello you"}',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'sound, transcription and flags in one message',
    agent: GREETER,
    steps: [
      ...SPOKEN_TO,
      {
        model: [
          {
            serverContent: {
              modelTurn: { role: 'model', parts: [AUDIO] },
              outputTranscription: { text: 'Hello' },
              turnComplete: true,
            },
          },
        ],
      },
    ],
    events: [
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: (partial) outputTranscription={"finished":false,"text":"Hello"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Hello"}',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'a second run after a spoken turn',
    agent: GREETER,
    steps: [
      ...SPOKEN_TO,
      { model: [heard('I am Ada'), modelTurn(AUDIO), spoken('Hello Ada'), TURN_COMPLETE] },
      { again: true },
      ...SPOKEN_TO,
      { model: [TURN_COMPLETE] },
    ],
    events: [
      'user: (partial) inputTranscription={"finished":false,"text":"I am Ada"}',
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: (partial) outputTranscription={"finished":false,"text":"Hello Ada"}',
      'user: (whole) inputTranscription={"finished":true,"text":"I am Ada"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Hello Ada"}',
      'greeter: turnComplete',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"audio":{"data":"3200 bytes","mimeType":"audio/pcm;rate=16000"}}',
      differs(2, {
        parley: [
          '#2 clientContent [user] says "I am Ada" / [user] says "For context:\\n[greeter] said: Hello Ada" (complete)',
        ],
      }),
      '#2 realtimeInput {"audio":{"data":"3200 bytes","mimeType":"audio/pcm;rate=16000"}}',
    ],
  },
  {
    title: 'activity that the user marks',
    agent: GREETER,
    runConfig: { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } },
    steps: [
      { activity: 'start' },
      { speaksMs: 20 },
      { activity: 'end' },
      { hears: 'realtimeInput.activityEnd' },
      { model: [modelTurn(AUDIO), TURN_COMPLETE] },
    ],
    events: ['greeter: [model] audio/pcm;rate=24000 of 1920 bytes', 'greeter: turnComplete', 'ends'],
    sent: [
      '#1 realtimeInput {"activityStart":{}}',
      '#1 realtimeInput {"audio":{"data":"640 bytes","mimeType":"audio/pcm;rate=16000"}}',
      '#1 realtimeInput {"activityEnd":{}}',
    ],
  },
  {
    title: 'voice activity that the model reports',
    agent: GREETER,
    steps: [
      ...SPOKEN_TO,
      {
        model: [
          { voiceActivity: { type: 'ACTIVITY_START', audioOffset: '0.5s' } },
          { voiceActivity: { type: 'ACTIVITY_END', audioOffset: '1.5s' } },
          TURN_COMPLETE,
        ],
      },
    ],
    events: [
      differs(9, {
        parley: [
          'user: voiceActivity={"audioOffset":"0.5s","voiceActivityType":"ACTIVITY_START"}',
          'user: voiceActivity={"audioOffset":"1.5s","voiceActivityType":"ACTIVITY_END"}',
        ],
      }),
      'greeter: turnComplete',
      'ends',
    ],
  },
];
