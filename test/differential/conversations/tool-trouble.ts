import { MODEL_31, on, tool, WEATHER, withTools } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { calls, INTERRUPTED, says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'How is the weather in Paris?' }, { hears: 'realtimeInput.text' }] as const;
const ANSWERED = [{ hears: 'toolResponse' }, { model: [says('Blue skies.'), TURN_COMPLETE] }] as const;
const WAITS = tool('wait', { waits: true, returns: { done: true } });

/** Tools that fail, or that something comes between. */
export const TOOL_TROUBLE: readonly Conversation[] = [
  {
    title: 'a tool that throws',
    agent: on(MODEL_31, withTools(tool('fail', { throws: 'no such city' }))),
    steps: [...ASKED, { model: [calls('fail')], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls fail({}) as call-fail',
      differs(14, {
        adk: ['greeter: [user] answers fail({"error":"Error in tool \'fail\': no such city"}) as call-fail'],
        parley: ['greeter: [user] answers fail({"error":"no such city"}) as call-fail'],
      }),
      'greeter: [model] says "Blue skies." (partial)',
      'greeter: [model] says "Blue skies." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      differs(14, {
        adk: ['#1 toolResponse answers fail({"error":"Error in tool \'fail\': no such city"}) as call-fail'],
        parley: ['#1 toolResponse answers fail({"error":"no such city"}) as call-fail'],
      }),
    ],
  },
  {
    title: 'a tool that does not exist',
    agent: on(MODEL_31, withTools(WEATHER)),
    steps: [...ASKED, { model: [calls('no_such_tool')], unread: true }, ...ANSWERED],
    events: [
      'greeter: [model] calls no_such_tool({}) as call-no_such_tool',
      differs(15, {
        adk: [
          'in vain: toolResponse at the model',
          'throws: Function no_such_tool is not found in the toolsDict.',
        ],
        parley: [
          'greeter: [user] answers no_such_tool({"error":"There is no tool \\"no_such_tool\\". Tools: get_weather."}) as call-no_such_tool',
          'greeter: [model] says "Blue skies." (partial)',
          'greeter: [model] says "Blue skies." (whole)',
          'greeter: turnComplete',
          'ends',
        ],
      }),
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      differs(15, {
        parley: [
          '#1 toolResponse answers no_such_tool({"error":"There is no tool \\"no_such_tool\\". Tools: get_weather."}) as call-no_such_tool',
        ],
      }),
    ],
  },
  {
    title: 'an interruption while a tool runs',
    agent: on(MODEL_31, withTools(WAITS)),
    steps: [
      ...ASKED,
      { model: [calls('wait'), INTERRUPTED], unread: true },
      { shown: 'interrupted', inVainFor: 'adk' },
      { release: true },
      { hears: 'toolResponse' },
      { model: [TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] calls wait({}) as call-wait',
      differs(13, { parley: ['greeter: interrupted'] }),
      'greeter: [user] answers wait({"done":true}) as call-wait',
      differs(13, { adk: ['greeter: interrupted'] }),
      'greeter: turnComplete',
      differs(13, { adk: ['in vain: an event with interrupted'] }),
      'ends',
    ],
  },
  {
    title: 'a call that the model takes back',
    agent: on(MODEL_31, withTools(WAITS)),
    steps: [
      ...ASKED,
      { model: [calls('wait'), { toolCallCancellation: { ids: ['call-wait'] } }], unread: true },
      { shown: 'cancelledToolCallIds', inVainFor: 'adk' },
      { release: true },
      { model: [says('Never mind.'), TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] calls wait({}) as call-wait',
      differs(17, {
        adk: ['greeter: [user] answers wait({"done":true}) as call-wait'],
        parley: ['greeter: cancelledToolCallIds=["call-wait"]'],
      }),
      'greeter: [model] says "Never mind." (partial)',
      'greeter: [model] says "Never mind." (whole)',
      'greeter: turnComplete',
      differs(17, { adk: ['in vain: an event with cancelledToolCallIds'] }),
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"How is the weather in Paris?"}',
      differs(17, { adk: ['#1 toolResponse answers wait({"done":true}) as call-wait'] }),
    ],
  },
];
