import { GREETER, MODEL_31, on } from '../cast.js';
import { differs, type AgentSpec, type Conversation } from '../conversation.js';
import { AUDIO, calls, handle, heard, modelTurn, says, spoken, TURN_COMPLETE } from '../model-messages.js';

const BILLING: AgentSpec = on(MODEL_31, {
  name: 'billing',
  description: 'Knows bills.',
  instruction: 'Explain bills.',
});
const DESK: AgentSpec = on(MODEL_31, { ...GREETER, name: 'desk', subAgents: [BILLING] });

/** ADK for TypeScript calls the argument agentName, ADK for Python agent_name. */
const TRANSFER = calls({
  name: 'transfer_to_agent',
  args: { agentName: 'billing', agent_name: 'billing' },
});

/** Agents that hand the conversation over. */
export const TRANSFERS: readonly Conversation[] = [
  {
    title: 'a transfer to a sub-agent',
    agent: DESK,
    steps: [
      { speaksMs: 20 },
      { hears: 'realtimeInput' },
      { model: [heard('My bill is wrong'), TRANSFER], unread: true },
      { connection: 2 },
      { model: [modelTurn(AUDIO), spoken('Let me see'), TURN_COMPLETE] },
    ],
    events: [
      'user: (partial) inputTranscription={"finished":false,"text":"My bill is wrong"}',
      differs(3, {
        parley: ['user: (whole) inputTranscription={"finished":true,"text":"My bill is wrong"}'],
      }),
      'desk: [model] calls transfer_to_agent({"agentName":"billing","agent_name":"billing"}) as call-transfer_to_agent',
      'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"billing"}',
      'billing: [model] audio/pcm;rate=24000 of 1920 bytes',
      'billing: (partial) outputTranscription={"finished":false,"text":"Let me see"}',
      'billing: (whole) outputTranscription={"finished":true,"text":"Let me see"}',
      'billing: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"audio":{"data":"640 bytes","mimeType":"audio/pcm;rate=16000"}}',
      '#1 toolResponse answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent',
      differs(2, {
        adk: [
          '#2 clientContent [user] says "For context:" says "[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}" / [user] says "For context:" says "[desk] tool `transfer_to_agent` returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
        ],
        parley: [
          '#2 clientContent [user] says "For context:\\n[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}\\n[desk] `transfer_to_agent` tool returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
          '#2 realtimeInput {"text":"My bill is wrong"}',
        ],
      }),
    ],
    stored: [
      differs(3, {
        parley: ['user: (whole) inputTranscription={"finished":true,"text":"My bill is wrong"}'],
      }),
      'desk: [model] calls transfer_to_agent({"agentName":"billing","agent_name":"billing"}) as call-transfer_to_agent',
      'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"billing"}',
      'billing: (whole) outputTranscription={"finished":true,"text":"Let me see"}',
      'billing: turnComplete',
    ],
  },
  {
    title: 'a transfer after typed text',
    agent: DESK,
    steps: [
      { says: 'My bill is wrong' },
      { hears: 'realtimeInput.text' },
      { model: [TRANSFER], unread: true },
      { connection: 2 },
      { model: [says('Let me see'), TURN_COMPLETE] },
    ],
    events: [
      'desk: [model] calls transfer_to_agent({"agentName":"billing","agent_name":"billing"}) as call-transfer_to_agent',
      'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"billing"}',
      'billing: [model] says "Let me see" (partial)',
      'billing: [model] says "Let me see" (whole)',
      'billing: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"My bill is wrong"}',
      '#1 toolResponse answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent',
      differs(2, {
        adk: [
          '#2 clientContent [user] says "For context:" says "[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}" / [user] says "For context:" says "[desk] tool `transfer_to_agent` returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
        ],
        parley: [
          '#2 clientContent [user] says "For context:\\n[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}\\n[desk] `transfer_to_agent` tool returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
          '#2 realtimeInput {"text":"My bill is wrong"}',
        ],
      }),
    ],
  },
  {
    title: 'a transfer while a resumption handle is held',
    agent: DESK,
    steps: [
      { says: 'My bill is wrong' },
      { hears: 'realtimeInput.text' },
      { model: [handle('handle-of-desk'), TRANSFER], unread: true },
      { connection: 2 },
      { model: [says('Let me see'), TURN_COMPLETE] },
    ],
    events: [
      differs(21, {
        adk: ['desk: liveSessionResumptionUpdate={"newHandle":"handle-of-desk","resumable":true}'],
        parley: ['desk: liveSessionResumptionUpdate={"newHandle":"sealed(handle-of-desk)","resumable":true}'],
      }),
      'desk: [model] calls transfer_to_agent({"agentName":"billing","agent_name":"billing"}) as call-transfer_to_agent',
      'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"billing"}',
      'billing: [model] says "Let me see" (partial)',
      'billing: [model] says "Let me see" (whole)',
      'billing: turnComplete',
      'ends',
    ],
    handles: [differs(22, { adk: ['#1 nothing', '#2 nothing'], parley: ['#1 {}', '#2 {}'] })],
  },
  {
    title: 'a transfer to an agent that does not exist',
    agent: DESK,
    steps: [
      { says: 'My bill is wrong' },
      { hears: 'realtimeInput.text' },
      {
        model: [calls({ name: 'transfer_to_agent', args: { agentName: 'nobody', agent_name: 'nobody' } })],
        unread: true,
      },
      { hears: 'toolResponse' },
      { model: [says('I will do it myself.'), TURN_COMPLETE] },
    ],
    events: [
      'desk: [model] calls transfer_to_agent({"agentName":"nobody","agent_name":"nobody"}) as call-transfer_to_agent',
      differs(19, {
        adk: [
          'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"nobody"}',
          'in vain: what the model said last',
        ],
        parley: [
          'desk: [user] answers transfer_to_agent({"error":"There is no agent \\"nobody\\" to transfer to. Agents: billing."}) as call-transfer_to_agent',
          'desk: [model] says "I will do it myself." (partial)',
          'desk: [model] says "I will do it myself." (whole)',
          'desk: turnComplete',
        ],
      }),
      'ends',
    ],
  },
  {
    title: 'a tool that transfers',
    agent: {
      ...DESK,
      tools: [
        {
          name: 'escalate_bill',
          description: 'Gives a bill to those who know.',
          does: { transferTo: 'billing', returns: { ok: true } },
        },
      ],
    },
    steps: [
      { says: 'My bill is wrong' },
      { hears: 'realtimeInput.text' },
      { model: [calls('escalate_bill')], unread: true },
      { connection: 2 },
      { model: [says('Let me see'), TURN_COMPLETE] },
    ],
    events: [
      'desk: [model] calls escalate_bill({}) as call-escalate_bill',
      'desk: [user] answers escalate_bill({"ok":true}) as call-escalate_bill actions={"transferToAgent":"billing"}',
      'billing: [model] says "Let me see" (partial)',
      'billing: [model] says "Let me see" (whole)',
      'billing: turnComplete',
      'ends',
    ],
  },
  {
    title: 'a run after a transfer',
    agent: DESK,
    steps: [
      { says: 'My bill is wrong' },
      { hears: 'realtimeInput.text' },
      { model: [TRANSFER], unread: true },
      { connection: 2 },
      { model: [says('Let me see'), TURN_COMPLETE] },
      { again: true },
      { says: 'And now?' },
      { hears: 'realtimeInput.text' },
      { model: [says('It is mended.'), TURN_COMPLETE] },
    ],
    events: [
      'desk: [model] calls transfer_to_agent({"agentName":"billing","agent_name":"billing"}) as call-transfer_to_agent',
      'desk: [user] answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent actions={"transferToAgent":"billing"}',
      'billing: [model] says "Let me see" (partial)',
      'billing: [model] says "Let me see" (whole)',
      'billing: turnComplete',
      'billing: [model] says "It is mended." (partial)',
      'billing: [model] says "It is mended." (whole)',
      'billing: turnComplete',
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"My bill is wrong"}',
      '#1 toolResponse answers transfer_to_agent({"result":"Transfer queued"}) as call-transfer_to_agent',
      differs(2, {
        adk: [
          '#2 clientContent [user] says "For context:" says "[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}" / [user] says "For context:" says "[desk] tool `transfer_to_agent` returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
          '#3 clientContent [user] says "For context:" says "[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}" / [user] says "For context:" says "[desk] tool `transfer_to_agent` returned result: {\\"result\\":\\"Transfer queued\\"}" / [model] says "Let me see" (complete)',
        ],
        parley: [
          '#2 clientContent [user] says "For context:\\n[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}\\n[desk] `transfer_to_agent` tool returned result: {\\"result\\":\\"Transfer queued\\"}" (complete)',
          '#2 realtimeInput {"text":"My bill is wrong"}',
          '#3 clientContent [user] says "My bill is wrong" / [user] says "For context:\\n[desk] called tool `transfer_to_agent` with parameters: {\\"agentName\\":\\"billing\\",\\"agent_name\\":\\"billing\\"}\\n[desk] `transfer_to_agent` tool returned result: {\\"result\\":\\"Transfer queued\\"}\\n[billing] said: Let me see" (complete)',
        ],
      }),
      '#3 realtimeInput {"text":"And now?"}',
    ],
  },
];
