import { GREETER } from '../cast.js';
import { differs, type Conversation, type Step } from '../conversation.js';
import { goAway, handle, says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'Hello' }, { hears: 'clientContent' }] as const;
const ANSWER = { model: [says('Good morning'), TURN_COMPLETE] } as const;

/** A turn on which a handle was given, then `loses`, then a turn on the next connection. */
function lostWithHandle(loses: Step): readonly Step[] {
  return [
    ...ASKED,
    { model: [says('Good morning'), TURN_COMPLETE, handle('handle-1')] },
    loses,
    { connection: 2 },
    { model: [says('I am back'), TURN_COMPLETE] },
  ];
}

/** What becomes of a run whose connection does not last. */
export const CONNECTIONS: readonly Conversation[] = [
  {
    title: 'goAway with a handle',
    agent: GREETER,
    steps: lostWithHandle({ model: [goAway('10s')], unread: true }),
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}'],
      }),
      'greeter: [model] says "I am back" (partial)',
      'greeter: [model] says "I am back" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    handles: [differs(22, { adk: ['#1 nothing'], parley: ['#1 {}'] }), '#2 {"handle":"handle-1"}'],
  },
  {
    title: 'goAway without a handle',
    agent: GREETER,
    steps: [
      ...ASKED,
      ANSWER,
      { model: [goAway('1s')], unread: true },
      { connection: 2 },
      { model: [TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(24, {
        adk: ['in vain: connection 2', 'throws: live reconnect requested: goAway'],
        parley: [
          'greeter: liveSessionRestarted={"reason":"connection_lost","seededWith":"history"}',
          'greeter: turnComplete',
          'ends',
        ],
      }),
    ],
  },
  {
    title: 'a close with 1000 and a handle',
    agent: GREETER,
    steps: lostWithHandle({ hangsUp: 1000 }),
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}'],
      }),
      differs(23, {
        adk: ['in vain: connection 2'],
        parley: [
          'greeter: [model] says "I am back" (partial)',
          'greeter: [model] says "I am back" (whole)',
          'greeter: turnComplete',
        ],
      }),
      'ends',
    ],
    handles: [
      differs(22, { adk: ['#1 nothing'], parley: ['#1 {}'] }),
      differs(23, { parley: ['#2 {"handle":"handle-1"}'] }),
    ],
  },
  {
    title: 'a lost connection and a handle',
    agent: GREETER,
    steps: lostWithHandle({ drops: true }),
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}'],
      }),
      differs(23, {
        adk: ['in vain: connection 2'],
        parley: [
          'greeter: [model] says "I am back" (partial)',
          'greeter: [model] says "I am back" (whole)',
          'greeter: turnComplete',
        ],
      }),
      'ends',
    ],
    handles: [
      differs(22, { adk: ['#1 nothing'], parley: ['#1 {}'] }),
      differs(23, { parley: ['#2 {"handle":"handle-1"}'] }),
    ],
  },
  {
    title: 'a close with 1011 and a handle',
    agent: GREETER,
    steps: lostWithHandle({ hangsUp: 1011, reason: 'Internal error encountered.' }),
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}'],
      }),
      differs(23, {
        adk: ['in vain: connection 2'],
        parley: [
          'greeter: [model] says "I am back" (partial)',
          'greeter: [model] says "I am back" (whole)',
          'greeter: turnComplete',
        ],
      }),
      'ends',
    ],
    handles: [
      differs(22, { adk: ['#1 nothing'], parley: ['#1 {}'] }),
      differs(23, { parley: ['#2 {"handle":"handle-1"}'] }),
    ],
  },
  {
    title: 'a close with 1011 without a handle',
    agent: GREETER,
    steps: [
      ...ASKED,
      ANSWER,
      { hangsUp: 1011, reason: 'Internal error encountered.' },
      { connection: 2 },
      { model: [says('I am back'), TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(24, {
        adk: ['in vain: connection 2'],
        parley: [
          'greeter: liveSessionRestarted={"reason":"connection_lost","seededWith":"history"}',
          'greeter: [model] says "I am back" (partial)',
          'greeter: [model] says "I am back" (whole)',
          'greeter: turnComplete',
        ],
      }),
      'ends',
    ],
    sent: [
      '#1 clientContent [user] says "Hello" (complete)',
      differs(2, {
        parley: [
          '#2 clientContent [user] says "Hello" / [user] says "For context:\\n[greeter] said: Good morning" (complete)',
        ],
      }),
    ],
  },
  {
    title: 'a handle that can not be used now',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [handle('handle-1'), { sessionResumptionUpdate: {} }, says('Good morning'), TURN_COMPLETE] },
      { model: [goAway('1s')], unread: true },
      { connection: 2 },
      { model: [TURN_COMPLETE] },
    ],
    events: [
      differs(21, {
        adk: [
          'greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}',
          'greeter: liveSessionResumptionUpdate={}',
        ],
        parley: [
          'greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}',
          'greeter: liveSessionResumptionUpdate={"resumable":false}',
        ],
      }),
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(23, {
        parley: ['greeter: liveSessionRestarted={"reason":"connection_lost","seededWith":"history"}'],
      }),
      'greeter: turnComplete',
      'ends',
    ],
    handles: [
      differs(22, { adk: ['#1 nothing'], parley: ['#1 {}'] }),
      differs(23, { adk: ['#2 {"handle":"handle-1"}'], parley: ['#2 {}'] }),
    ],
  },
  {
    title: 'more goAways than ADK counts',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [says('Good morning'), TURN_COMPLETE, handle('handle-1')] },
      ...[2, 3, 4, 5, 6, 7].flatMap((n) => [
        { model: [goAway('10s')], unread: true } as const,
        { connection: n },
        { model: [TURN_COMPLETE, handle(`handle-${n}`)] },
      ]),
    ],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-1","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-1)","resumable":true}'],
      }),
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-2","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-2)","resumable":true}'],
      }),
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-3","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-3)","resumable":true}'],
      }),
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-4","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-4)","resumable":true}'],
      }),
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-5","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-5)","resumable":true}'],
      }),
      'greeter: turnComplete',
      differs(21, {
        adk: ['greeter: liveSessionResumptionUpdate={"newHandle":"handle-6","resumable":true}'],
        parley: ['greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-6)","resumable":true}'],
      }),
      differs(25, {
        adk: ['in vain: connection 7', 'throws: Max live reconnection attempts reached (6).'],
        parley: [
          'greeter: turnComplete',
          'greeter: liveSessionResumptionUpdate={"newHandle":"sealed(handle-7)","resumable":true}',
          'ends',
        ],
      }),
    ],
  },
  {
    title: 'a handle of an earlier run',
    agent: GREETER,
    resumeWith: 'handle-0',
    steps: [...ASKED, ANSWER],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      'ends',
    ],
    handles: ['#1 {"handle":"handle-0"}'],
  },
];
