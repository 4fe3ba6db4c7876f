import { GREETER } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { AUDIO, GENERATION_COMPLETE, modelTurn, says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'Hello' }, { hears: 'clientContent' }] as const;

/** Turns in which the model answers in text. */
export const TURNS: readonly Conversation[] = [
  {
    title: 'a text turn',
    agent: GREETER,
    steps: [...ASKED, { model: [says('Good '), says('morning'), GENERATION_COMPLETE, TURN_COMPLETE] }],
    events: [
      'greeter: [model] says "Good " (partial)',
      'greeter: [model] says "morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: ['#1 clientContent [user] says "Hello" (complete)'],
    stored: [
      differs(1, { parley: ['user: [user] says "Hello"'] }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'thoughts before an answer',
    agent: GREETER,
    steps: [
      ...ASKED,
      {
        model: [
          modelTurn({ text: 'They greet ', thought: true }),
          modelTurn({ text: 'me.', thought: true }),
          says('Good morning'),
          TURN_COMPLETE,
        ],
      },
    ],
    events: [
      'greeter: [model] thinks "They greet " (partial)',
      'greeter: [model] thinks "me." (partial)',
      'greeter: [model] thinks "They greet me." (whole)',
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'several parts in one message',
    agent: GREETER,
    steps: [...ASKED, { model: [modelTurn({ text: 'Good ' }, AUDIO, { text: 'morning' }), TURN_COMPLETE] }],
    events: [
      differs(4, {
        adk: ['greeter: [model] says "Good " audio/pcm;rate=24000 of 1920 bytes says "morning" (partial)'],
        parley: [
          'greeter: [model] says "Good " (partial)',
          'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
          'greeter: [model] says "morning" (partial)',
        ],
      }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'text and then sound',
    agent: GREETER,
    steps: [...ASKED, { model: [says('Good morning'), modelTurn(AUDIO), TURN_COMPLETE] }],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    stored: [
      differs(1, { parley: ['user: [user] says "Hello"'] }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'code that the model runs',
    agent: GREETER,
    steps: [
      ...ASKED,
      {
        model: [
          says('Let me see.'),
          modelTurn({ executableCode: { code: 'print(1)', language: 'PYTHON' } }),
          modelTurn({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }),
          TURN_COMPLETE,
        ],
      },
    ],
    events: [
      'greeter: [model] says "Let me see." (partial)',
      'greeter: [model] says "Let me see." (whole)',
      'greeter: [model] {"executableCode":{"code":"print(1)","language":"PYTHON"}}',
      'greeter: [model] {"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'a model turn without a role',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [{ serverContent: { modelTurn: { parts: [{ text: 'Good morning' }] } } }, TURN_COMPLETE] },
    ],
    events: [
      differs(4, {
        adk: ['greeter: [] says "Good morning" (partial)'],
        parley: ['greeter: [model] says "Good morning" (partial)'],
      }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'usage on the last message',
    agent: GREETER,
    steps: [
      ...ASKED,
      {
        model: [
          says('Good morning'),
          {
            serverContent: { turnComplete: true },
            usageMetadata: {
              promptTokenCount: 5,
              responseTokenCount: 7,
              totalTokenCount: 12,
              responseTokensDetails: [{ modality: 'TEXT', tokenCount: 7 }],
            },
          },
        ],
      },
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      differs(5, {
        adk: [
          'greeter: usageMetadata={"promptTokenCount":5,"responseTokenCount":7,"responseTokensDetails":[{"modality":"TEXT","tokenCount":7}],"totalTokenCount":12}',
        ],
        parley: [
          'greeter: usageMetadata={"candidatesTokenCount":7,"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":7}],"promptTokenCount":5,"responseTokenCount":7,"responseTokensDetails":[{"modality":"TEXT","tokenCount":7}],"totalTokenCount":12}',
        ],
      }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'grounding beside text',
    agent: GREETER,
    steps: [
      ...ASKED,
      {
        model: [
          {
            serverContent: {
              modelTurn: { role: 'model', parts: [{ text: 'It rains.' }] },
              groundingMetadata: { webSearchQueries: ['weather'] },
            },
          },
          TURN_COMPLETE,
        ],
      },
    ],
    events: [
      'greeter: [model] says "It rains." (partial) groundingMetadata={"webSearchQueries":["weather"]}',
      'greeter: [model] says "It rains." (whole) groundingMetadata={"webSearchQueries":["weather"]}',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'grounding alone',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [{ serverContent: { groundingMetadata: { webSearchQueries: ['weather'] } } }, TURN_COMPLETE] },
    ],
    events: [
      differs(6, { parley: ['greeter: groundingMetadata={"webSearchQueries":["weather"]}'] }),
      'greeter: groundingMetadata={"webSearchQueries":["weather"]} turnComplete',
      'ends',
    ],
  },
  {
    title: 'a turn that ended for a reason',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [{ serverContent: { turnComplete: true, turnCompleteReason: 'RESPONSE_REJECTED' } }] },
    ],
    events: [
      differs(7, {
        adk: ['greeter: turnComplete'],
        parley: ['greeter: turnComplete turnCompleteReason="RESPONSE_REJECTED"'],
      }),
      'ends',
    ],
  },
  {
    title: 'metadata of the run',
    agent: GREETER,
    runConfig: { customMetadata: { call: 'c-1' } },
    steps: [...ASKED, { model: [says('Good morning'), TURN_COMPLETE] }],
    events: [
      differs(8, {
        adk: [
          'greeter: [model] says "Good morning" (partial)',
          'greeter: [model] says "Good morning" (whole)',
          'greeter: turnComplete',
        ],
        parley: [
          'greeter: [model] says "Good morning" (partial) customMetadata={"call":"c-1"}',
          'greeter: [model] says "Good morning" (whole) customMetadata={"call":"c-1"}',
          'greeter: customMetadata={"call":"c-1"} turnComplete',
        ],
      }),
      'ends',
    ],
  },
  {
    title: 'a second run on the session',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [says('Good morning'), TURN_COMPLETE] },
      { again: true },
      { says: 'Who am I?' },
      { hears: 'clientContent' },
      { model: [says('Nobody'), TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'greeter: [model] says "Nobody" (partial)',
      'greeter: [model] says "Nobody" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 clientContent [user] says "Hello" (complete)',
      differs(2, {
        adk: ['#2 clientContent [model] says "Good morning" (open)'],
        parley: [
          '#2 clientContent [user] says "Hello" / [user] says "For context:\\n[greeter] said: Good morning" (complete)',
        ],
      }),
      '#2 clientContent [user] says "Who am I?" (complete)',
    ],
    stored: [
      differs(1, { parley: ['user: [user] says "Hello"'] }),
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(1, { parley: ['user: [user] says "Who am I?"'] }),
      'greeter: [model] says "Nobody" (whole)',
      'greeter: turnComplete',
    ],
  },
];
