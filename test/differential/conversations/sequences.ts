import { MODEL_31, on } from '../cast.js';
import { differs, type AgentSpec, type Conversation } from '../conversation.js';
import { calls, says, TURN_COMPLETE } from '../model-messages.js';

function step(name: string): AgentSpec {
  return on(MODEL_31, { name, description: `Does ${name}.`, instruction: `Do ${name}.` });
}

/** Agents one after the other. */
export const SEQUENCES: readonly Conversation[] = [
  {
    title: 'a sequence of two agents',
    agent: { kind: 'sequential', name: 'process', subAgents: [step('one'), step('two')] },
    steps: [
      { says: 'Begin' },
      { hears: 'realtimeInput.text' },
      { model: [says('One is done.'), calls('task_completed')], unread: true },
      { connection: 2 },
      { model: [says('Two is done.'), calls('task_completed')], unread: true },
      { hears: 'toolResponse' },
    ],
    events: [
      'one: [model] says "One is done." (partial)',
      'one: [model] says "One is done." (whole)',
      'one: [model] calls task_completed({}) as call-task_completed',
      differs(20, {
        adk: [
          'one: [user] answers task_completed({"result":"Task completion signaled."}) as call-task_completed',
        ],
        parley: [
          'one: [user] answers task_completed({"result":"Task completion signaled."}) as call-task_completed actions={"endOfAgent":true}',
        ],
      }),
      'two: [model] says "Two is done." (partial)',
      'two: [model] says "Two is done." (whole)',
      'two: [model] calls task_completed({}) as call-task_completed',
      differs(20, {
        adk: [
          'two: [user] answers task_completed({"result":"Task completion signaled."}) as call-task_completed',
        ],
        parley: [
          'two: [user] answers task_completed({"result":"Task completion signaled."}) as call-task_completed actions={"endOfAgent":true}',
        ],
      }),
      'ends',
    ],
    sent: [
      '#1 realtimeInput {"text":"Begin"}',
      '#1 toolResponse answers task_completed({"result":"Task completion signaled."}) as call-task_completed',
      differs(2, {
        adk: [
          '#2 clientContent [user] says "For context:" says "[one] said: One is done." / [user] says "For context:" says "[one] called tool `task_completed` with parameters: {}" / [user] says "For context:" says "[one] tool `task_completed` returned result: {\\"result\\":\\"Task completion signaled.\\"}" (complete)',
        ],
        parley: [
          '#2 clientContent [user] says "Begin" / [user] says "For context:\\n[one] said: One is done.\\n[one] called tool `task_completed` with parameters: {}\\n[one] `task_completed` tool returned result: {\\"result\\":\\"Task completion signaled.\\"}" (complete)',
          '#2 realtimeInput {"text":"For context: [one] handed the conversation over to you. Go on."}',
        ],
      }),
      '#2 toolResponse answers task_completed({"result":"Task completion signaled."}) as call-task_completed',
    ],
  },
  {
    title: 'a loop of one agent, twice',
    agent: { kind: 'loop', name: 'process', maxIterations: 2, subAgents: [step('one')] },
    steps: [
      { says: 'Begin' },
      { hears: 'realtimeInput.text' },
      { model: [says('Once.'), calls('task_completed')], unread: true },
      { connection: 2 },
      { model: [says('Twice.'), TURN_COMPLETE] },
    ],
    events: [
      'one: [model] says "Once." (partial)',
      'one: [model] says "Once." (whole)',
      'one: [model] calls task_completed({}) as call-task_completed',
      differs(20, {
        adk: ['in vain: connection 2', 'throws: Function task_completed is not found in the toolsDict.'],
        parley: [
          'one: [user] answers task_completed({"result":"Task completion signaled."}) as call-task_completed actions={"endOfAgent":true}',
          'one: [model] says "Twice." (partial)',
          'one: [model] says "Twice." (whole)',
          'one: turnComplete',
          'ends',
        ],
      }),
    ],
  },
];
