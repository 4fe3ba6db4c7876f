import { MODEL_31, on, withTools } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { calls, says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'Order a pizza' }, { hears: 'realtimeInput.text' }] as const;
const LATER = {
  content: {
    role: 'user',
    parts: [{ functionResponse: { id: 'call-order', name: 'order', response: { status: 'delivered' } } }],
  },
} as const;

/** Tools that answer late, or more than once. */
export const LONG_TOOLS: readonly Conversation[] = [
  {
    title: 'a long-running tool that answers later',
    agent: on(MODEL_31, withTools({ name: 'order', description: 'Orders.', longRunning: true, does: {} })),
    steps: [
      ...ASKED,
      { model: [calls('order')] },
      LATER,
      { hears: 'toolResponse' },
      { model: [says('It is here.'), TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] calls order({}) as call-order longRunning=call-order',
      'greeter: [model] says "It is here." (partial)',
      'greeter: [model] says "It is here." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"Order a pizza"}',
      '#1 toolResponse answers order({"status":"delivered"}) as call-order',
    ],
    stored: [
      differs(1, { parley: ['user: [user] says "Order a pizza"'] }),
      'greeter: [model] calls order({}) as call-order longRunning=call-order',
      differs(1, { parley: ['user: [user] answers order({"status":"delivered"}) as call-order'] }),
      'greeter: [model] says "It is here." (whole)',
      'greeter: turnComplete',
    ],
  },
  {
    title: 'a long-running tool that says at once how it stands',
    agent: on(
      MODEL_31,
      withTools({
        name: 'order',
        description: 'Orders.',
        longRunning: true,
        does: { returns: { status: 'pending' } },
      }),
    ),
    steps: [
      ...ASKED,
      { model: [calls('order')] },
      { hears: 'toolResponse' },
      { model: [says('I have ordered.'), TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] calls order({}) as call-order longRunning=call-order',
      'greeter: [user] answers order({"status":"pending"}) as call-order',
      'greeter: [model] says "I have ordered." (partial)',
      'greeter: [model] says "I have ordered." (whole)',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'a streaming tool',
    agent: on(
      MODEL_31,
      withTools({ name: 'watch', description: 'Watches a price.', does: { yields: ['one', 'two'] } }),
    ),
    steps: [
      { says: 'Watch it' },
      { hears: 'realtimeInput.text' },
      { model: [calls('watch')] },
      { hears: 'toolResponse' },
      { model: [TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] calls watch({}) as call-watch',
      differs(18, {
        adk: ['greeter: [user] answers watch({}) as call-watch'],
        parley: [
          'greeter: [user] answers watch({"status":"The function is running asynchronously and the results are pending."}) as call-watch',
          'greeter: [user] answers watch({"result":"one"}) as call-watch {"willContinue":true}',
          'greeter: [user] answers watch({"result":"two"}) as call-watch {"willContinue":true}',
          'greeter: [user] answers watch({}) as call-watch {"willContinue":false}',
        ],
      }),
      'greeter: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"Watch it"}',
      differs(18, {
        adk: ['#1 toolResponse answers watch({}) as call-watch'],
        parley: [
          '#1 toolResponse answers watch({"status":"The function is running asynchronously and the results are pending."}) as call-watch',
          '#1 realtimeInput {"text":"Function watch returned: one"}',
          '#1 realtimeInput {"text":"Function watch returned: two"}',
        ],
      }),
    ],
  },
];
