import { MODEL_31, on, tool, WEATHER, withTools } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { AUDIO, calls, modelTurn, says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'How is the weather in Paris?' }, { hears: 'clientContent' }] as const;
const ASKED_31 = [{ says: 'How is the weather in Paris?' }, { hears: 'realtimeInput.text' }] as const;
const WEATHER_CALL = calls({ name: 'get_weather', args: { city: 'Paris' } });
const ANSWERED = [{ hears: 'toolResponse' }, { model: [says('Blue skies.'), TURN_COMPLETE] }] as const;

/** Tools whose answer the model waits for. */
export const TOOLS: readonly Conversation[] = [
  {
    title: 'a tool',
    agent: on(MODEL_31, withTools(WEATHER)),
    steps: [...ASKED_31, { model: [WEATHER_CALL], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls get_weather({"city":"Paris"}) as call-get_weather',
      'greeter: [user] answers get_weather({"sky":"blue"}) as call-get_weather',
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    models: [
      'greeter: functionCall of gemini-3.1-flash-live-preview',
      'greeter: functionResponse of no model',
      'greeter: text of gemini-3.1-flash-live-preview',
      'greeter: text of gemini-3.1-flash-live-preview',
      'greeter: turnComplete of gemini-3.1-flash-live-preview',
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      '#1 toolResponse answers get_weather({"sky":"blue"}) as call-get_weather',
    ],
    stored: [
      differs(1, { parley: ['user: [user] says "How is the weather in Paris?"'] }),
      'greeter: [model] calls get_weather({"city":"Paris"}) as call-get_weather',
      'greeter: [user] answers get_weather({"sky":"blue"}) as call-get_weather',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'a tool on gemini-2.5 before the turn is complete',
    agent: withTools(WEATHER),
    steps: [
      ...ASKED,
      { model: [modelTurn(AUDIO), WEATHER_CALL], unread: true },
      { hears: 'toolResponse', inVainFor: 'adk' },
      { model: [TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: [model] calls get_weather({"city":"Paris"}) as call-get_weather',
      'greeter: [user] answers get_weather({"sky":"blue"}) as call-get_weather',
      'greeter: turnComplete',
      differs(11, { adk: ['in vain: toolResponse at the model'] }),
      'ends',
    ],
  },
  {
    title: 'words before a tool',
    agent: on(MODEL_31, withTools(WEATHER)),
    steps: [...ASKED_31, { model: [says('Let me look.'), WEATHER_CALL], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] says "Let me look." (partial)',
      'greeter: [model] says "Let me look." (whole)',
      'greeter: [model] calls get_weather({"city":"Paris"}) as call-get_weather',
      'greeter: [user] answers get_weather({"sky":"blue"}) as call-get_weather',
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'two tools in one message',
    agent: on(
      MODEL_31,
      withTools(
        tool('first', { countsRunning: true, lingers: true }),
        tool('second', { countsRunning: true, lingers: true }),
      ),
    ),
    steps: [...ASKED_31, { model: [calls('first', 'second')], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls first({}) as call-first calls second({}) as call-second',
      differs(12, {
        adk: [
          'greeter: [user] answers first({"running":1}) as call-first answers second({"running":1}) as call-second',
        ],
        parley: [
          'greeter: [user] answers first({"running":1}) as call-first answers second({"running":2}) as call-second',
        ],
      }),
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      differs(12, {
        adk: [
          '#1 toolResponse answers first({"running":1}) as call-first answers second({"running":1}) as call-second',
        ],
        parley: [
          '#1 toolResponse answers first({"running":1}) as call-first answers second({"running":2}) as call-second',
        ],
      }),
    ],
  },
  {
    title: 'results that are no objects',
    agent: on(
      MODEL_31,
      withTools(tool('a_text', { returns: 'x' }), tool('a_list', { returns: [1] }), tool('nothing', {})),
    ),
    steps: [...ASKED_31, { model: [calls('a_text', 'a_list', 'nothing')], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls a_text({}) as call-a_text calls a_list({}) as call-a_list calls nothing({}) as call-nothing',
      differs(14, {
        adk: [
          'greeter: [user] answers a_text({"result":"x"}) as call-a_text answers a_list({"results":[1]}) as call-a_list answers nothing({}) as call-nothing',
        ],
        parley: [
          'greeter: [user] answers a_text({"result":"x"}) as call-a_text answers a_list({"result":[1]}) as call-a_list answers nothing({"result":null}) as call-nothing',
        ],
      }),
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'a tool that changes the state',
    agent: on(
      MODEL_31,
      withTools(tool('remember', { state: { name: 'Ada', 'temp:n': 1 }, returns: { ok: true } })),
    ),
    steps: [...ASKED_31, { model: [calls('remember')], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls remember({}) as call-remember',
      'greeter: [user] answers remember({"ok":true}) as call-remember actions={"stateDelta":{"name":"Ada"}}',
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    stored: [
      differs(1, { parley: ['user: [user] says "How is the weather in Paris?"'] }),
      'greeter: [model] calls remember({}) as call-remember',
      'greeter: [user] answers remember({"ok":true}) as call-remember actions={"stateDelta":{"name":"Ada"}}',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'a call without an id',
    agent: on(MODEL_31, withTools(WEATHER)),
    steps: [
      ...ASKED_31,
      {
        model: [{ toolCall: { functionCalls: [{ name: 'get_weather', args: { city: 'Paris' } }] } }],
        unread: true,
      },
      ...ANSWERED,
    ],
    events: [
      'greeter: [model] calls get_weather({"city":"Paris"}) as adk-*',
      'greeter: [user] answers get_weather({"sky":"blue"}) as adk-*',
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      differs(16, {
        adk: ['#1 toolResponse answers get_weather({"sky":"blue"}) as adk-*'],
        parley: ['#1 toolResponse answers get_weather({"sky":"blue"}) without an id'],
      }),
    ],
  },
];
