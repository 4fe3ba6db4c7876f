import { GREETER } from '../cast.js';
import { differs, type Conversation } from '../conversation.js';
import { AUDIO, INTERRUPTED, modelTurn, says, spoken, TURN_COMPLETE } from '../model-messages.js';

const ASKED = [{ says: 'Hello' }, { hears: 'clientContent' }] as const;

export const INTERRUPTIONS: readonly Conversation[] = [
  {
    title: 'an interruption while the model speaks',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [modelTurn(AUDIO), spoken('Good mor')] },
      { model: [INTERRUPTED, TURN_COMPLETE] },
    ],
    events: [
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: (partial) outputTranscription={"finished":false,"text":"Good mor"}',
      'greeter: (whole) outputTranscription={"finished":true,"text":"Good mor"}',
      'greeter: interrupted',
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'an interruption while text is pending',
    agent: GREETER,
    steps: [...ASKED, { model: [says('Good mor'), INTERRUPTED, TURN_COMPLETE] }],
    events: [
      'greeter: [model] says "Good mor" (partial)',
      'greeter: [model] says "Good mor" (whole)',
      differs(10, { parley: ['greeter: interrupted'] }),
      'greeter: turnComplete',
      'ends',
    ],
  },
  {
    title: 'interrupted and turnComplete in one message',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [modelTurn(AUDIO)] },
      { model: [{ serverContent: { interrupted: true, turnComplete: true } }] },
    ],
    events: [
      'greeter: [model] audio/pcm;rate=24000 of 1920 bytes',
      'greeter: interrupted turnComplete',
      differs(10, { adk: ['greeter: interrupted'] }),
      'ends',
    ],
  },
  {
    title: 'interrupted and turnComplete in one message while text is pending',
    agent: GREETER,
    steps: [
      ...ASKED,
      { model: [says('Good mor'), { serverContent: { interrupted: true, turnComplete: true } }] },
    ],
    events: [
      'greeter: [model] says "Good mor" (partial)',
      'greeter: [model] says "Good mor" (whole)',
      'greeter: interrupted turnComplete',
      differs(10, { adk: ['greeter: interrupted'] }),
      'ends',
    ],
  },
];
