import { GREETER, MODEL_31, MODEL_38, on } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { says, TURN_COMPLETE } from '../model-messages.js';

const ANSWER = { model: [says('Good morning'), TURN_COMPLETE] } as const;

/** What the user sends, and what of it reaches the model. */
export const REQUESTS: readonly Conversation[] = [
  {
    title: 'the set-up of a plain run',
    agent: GREETER,
    steps: [],
    events: ['ends'],
    setups: [
      differs(22, { adk: ['#1 generationConfig.enableAffectiveDialog=false'] }),
      '#1 generationConfig.responseModalities[0]="AUDIO"',
      differs(22, { parley: ['#1 inputAudioTranscription={}'] }),
      '#1 model="models/gemini-2.5-flash-native-audio-preview-12-2025"',
      differs(22, { parley: ['#1 outputAudioTranscription={}', '#1 sessionResumption={}'] }),
    ],
  },
  {
    title: "ADK for Python's streaming mode",
    agent: GREETER,
    runConfig: { streamingMode: 'bidi' },
    steps: [{ says: 'Hello' }, { hears: 'clientContent' }, ANSWER],
    events: [
      differs(22, {
        adk: [
          'in vain: connection 1',
          'in vain: clientContent at the model',
          'throws: StreamingMode.BIDI is not supported; use StreamingMode.SSE.',
        ],
        parley: [
          'greeter: [model] says "Good morning" (partial)',
          'greeter: [model] says "Good morning" (whole)',
          'greeter: turnComplete',
          'ends',
        ],
      }),
    ],
  },
  {
    title: 'text on gemini-3.1',
    agent: on(MODEL_31),
    steps: [{ says: 'Hello' }, { hears: 'realtimeInput.text' }, ANSWER],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: ['#1 realtimeInput {"text":"Hello"}'],
  },
  {
    title: 'text in two parts on gemini-3.1',
    agent: on(MODEL_31),
    steps: [
      { content: { role: 'user', parts: [{ text: 'Hello ' }, { text: 'there' }] } },
      { hears: '*' },
      ANSWER,
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      differs(27, {
        adk: ['#1 clientContent [user] says "Hello " says "there" (complete)'],
        parley: ['#1 realtimeInput {"text":"Hello \\nthere"}'],
      }),
    ],
  },
  {
    title: 'text, sound and a picture on gemini-3.8',
    agent: on(MODEL_38),
    steps: [
      { says: 'Hello' },
      { hears: 'clientContent' },
      { speaksMs: 20 },
      { hears: 'realtimeInput' },
      { shows: 'image/jpeg' },
      { hears: 'realtimeInput' },
      ANSWER,
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 clientContent [user] says "Hello" (complete)',
      differs(27, {
        adk: [
          '#1 realtimeInput {"mediaChunks":[{"data":"640 bytes","mimeType":"audio/pcm;rate=16000"}]}',
          '#1 realtimeInput {"mediaChunks":[{"data":"9 bytes","mimeType":"image/jpeg"}]}',
        ],
        parley: [
          '#1 realtimeInput {"audio":{"data":"640 bytes","mimeType":"audio/pcm;rate=16000"}}',
          '#1 realtimeInput {"video":{"data":"9 bytes","mimeType":"image/jpeg"}}',
        ],
      }),
    ],
  },
  {
    title: 'media of an unknown type',
    agent: GREETER,
    steps: [{ shows: 'application/pdf' }, { says: 'Hello' }, { hears: 'clientContent' }, ANSWER],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(28, { parley: ['refused'] }),
      'ends',
    ],
    sent: ['#1 clientContent [user] says "Hello" (complete)'],
  },
  {
    title: 'a function call in what the user sends',
    agent: GREETER,
    steps: [
      { content: { role: 'user', parts: [{ functionCall: { name: 'get_weather', args: {} } }] } },
      { says: 'Hello' },
      { hears: 'clientContent' },
      ANSWER,
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(28, { parley: ['refused'] }),
      'ends',
    ],
    sent: [
      differs(28, { adk: ['#1 clientContent [user] calls get_weather({}) without an id (complete)'] }),
      '#1 clientContent [user] says "Hello" (complete)',
    ],
  },
  {
    title: 'a request after the queue was closed',
    agent: GREETER,
    steps: [
      { says: 'Hello' },
      { hears: 'clientContent' },
      ANSWER,
      { closesQueue: true },
      { says: 'Are you there?' },
      { closesQueue: true },
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'refused',
      'ends',
    ],
    sent: ['#1 clientContent [user] says "Hello" (complete)'],
  },
];
