import type { Condition } from './condition.js';

/** One step as it is written: an object with one key. */
export type StepInput =
  | { say: string | { text: string; pace?: 'real' | 'burst' } }
  | { text: string }
  | { think: string }
  | { sendText: string }
  | { audio: number }
  | { wait: number }
  | { goAway: number }
  | { content: { parts?: readonly object[]; readonly [field: string]: unknown } }
  | { transcript: { input?: Caption; interim?: Caption; output?: Caption } }
  | { toolCall: CallInput | readonly CallInput[] }
  | { toolCallCancellation: readonly string[] }
  | { turnComplete: true | { reason?: string; interactionStatus?: InteractionStatus; usage?: object } }
  | { interrupted: true | { turnComplete?: true; usage?: object } }
  | { voiceActivity: ActivityType | { type: ActivityType; audioOffset?: string } }
  | { interactionStatus: InteractionStatus }
  | { usage: object }
  | { grounding: object }
  | { resumption: object }
  | { send: object }
  | { setupComplete: true | object }
  | { generationComplete: true }
  | { waitingForInput: true }
  | { drop: true }
  | { resume: true }
  | { stall: true | number }
  | { malformed: true | string }
  | { duplicate: true | number }
  | { close: { code?: number; reason?: string } }
  | { waitFor: Condition }
  | { reorder: readonly StepInput[] }
  | { repeat: { times: number; do: readonly StepInput[] } };

type Caption = string | { text?: string; finished?: true; readonly [field: string]: unknown };
type InteractionStatus = 'IN_PROGRESS' | 'IDLE' | 'REQUIRES_ACTION';
type ActivityType = 'ACTIVITY_START' | 'ACTIVITY_END';

interface CallInput {
  id?: string;
  name: string;
  args?: object;
}
