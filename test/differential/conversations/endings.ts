import { GREETER } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { says, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'Hello' }, { hears: 'clientContent' }] as const;
const ANSWER = { model: [says('Good morning'), TURN_COMPLETE] } as const;

/** Runs that can not go on. */
export const ENDINGS: readonly Conversation[] = [
  {
    title: 'a set-up that is refused',
    agent: GREETER,
    acceptsSetup: false,
    steps: [
      { hangsUp: 1008, reason: 'models/gemini-0 is not found for API version v1beta' },
      { ends: true, inVainFor: 'adk' },
    ],
    events: [
      differs(26, {
        adk: ['in vain: the end of the run', 'hangs'],
        parley: [
          'greeter: errorCode="provider_config" errorDetails={"closeCode":1008,"retryable":false,"scope":"session"} errorMessage="The model refused the connection: check its set-up and credentials. It said: models/gemini-0 is not found for API version v1beta"',
          'throws: The model refused the connection: check its set-up and credentials. It said: models/gemini-0 is not found for API version v1beta',
        ],
      }),
    ],
  },
  {
    title: 'an idle run that is aborted',
    agent: GREETER,
    steps: [...ASKED, ANSWER, { aborts: true }, { ends: true, inVainFor: 'adk' }],
    events: [
      'greeter: [model] says "Good morning" (partial)',
      'greeter: [model] says "Good morning" (whole)',
      'greeter: turnComplete',
      differs(26, { adk: ['in vain: the end of the run', 'hangs'], parley: ['ends'] }),
    ],
  },
  {
    title: 'a close with 1007',
    agent: GREETER,
    steps: [
      ...ASKED,
      { hangsUp: 1007, reason: 'Request contains an invalid argument.' },
      { shown: 'errorCode' },
    ],
    events: [
      differs(26, {
        adk: ['in vain: an event with errorCode'],
        parley: [
          'greeter: errorCode="provider_config" errorDetails={"closeCode":1007,"retryable":false,"scope":"session"} errorMessage="Request contains an invalid argument."',
        ],
      }),
      'ends',
    ],
  },
];
