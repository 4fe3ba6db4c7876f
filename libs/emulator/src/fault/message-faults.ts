import type { FunctionCall, ServerContent, ServerMessage } from '../codec/server-message.js';
import type { FaultKind } from './fault.js';

const MESSAGE_FAULTS = [
  'noSetupComplete',
  'duplicateTurnComplete',
  'missingGenerationComplete',
  'lateTranscript',
  'toolCallWithoutId',
] as const satisfies readonly FaultKind[];

export type MessageFault = (typeof MESSAGE_FAULTS)[number];

export function isMessageFault(kind: FaultKind): kind is MessageFault {
  return MESSAGE_FAULTS.some((known) => known === kind);
}

const MAX_LATE = 500;

/** Spoils the messages of one connection, as long as any of the faults is in force. */
export class MessageFaults {
  readonly #inForce = new Set<MessageFault>();
  #late: ServerMessage[] = [];

  add(fault: MessageFault): void {
    this.#inForce.add(fault);
  }

  /** What is sent for `message`, in this order; often just itself. */
  spoil(message: ServerMessage): readonly ServerMessage[] {
    if (this.#inForce.size === 0) return [message];
    if (this.#inForce.has('noSetupComplete')) return [];
    let messages: readonly ServerMessage[] = [message];
    if (this.#inForce.has('lateTranscript')) messages = messages.flatMap((each) => this.#delay(each));
    if (this.#inForce.has('missingGenerationComplete')) messages = messages.flatMap(dropGenerationComplete);
    if (this.#inForce.has('toolCallWithoutId')) messages = messages.map(dropCallIds);
    if (this.#inForce.has('duplicateTurnComplete')) {
      messages = messages.flatMap((each) => (each.serverContent?.turnComplete ? [each, each] : [each]));
    }
    return messages;
  }

  #delay(message: ServerMessage): ServerMessage[] {
    const { inputTranscription, outputTranscription, ...others } = message.serverContent ?? {};
    if (inputTranscription || outputTranscription) {
      const late = {
        ...(inputTranscription && { inputTranscription }),
        ...(outputTranscription && { outputTranscription }),
      };
      if (this.#late.length < MAX_LATE) this.#late.push({ serverContent: late });
      return withContent(message, others);
    }
    if (!others.turnComplete) return [message];
    const late = this.#late;
    this.#late = [];
    return [message, ...late];
  }
}

function dropGenerationComplete(message: ServerMessage): ServerMessage[] {
  if (!message.serverContent?.generationComplete) return [message];
  const { generationComplete: _dropped, ...others } = message.serverContent;
  return withContent(message, others);
}

function dropCallIds(message: ServerMessage): ServerMessage {
  if (!message.toolCall) return message;
  const functionCalls = message.toolCall.functionCalls.map(
    ({ name, args }) => ({ name, args }) as FunctionCall,
  );
  return { ...message, toolCall: { functionCalls } };
}

/** Nothing when nothing is left of the message. */
function withContent(message: ServerMessage, content: ServerContent): ServerMessage[] {
  const { serverContent: _replaced, ...others } = message;
  if (Object.keys(content).length > 0) return [{ ...others, serverContent: content }];
  return Object.keys(others).length > 0 ? [others] : [];
}
