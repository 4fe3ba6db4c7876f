import type { ModelMessage } from './conversation.js';

/** What a model says, as it stands on the wire. */
export const TURN_COMPLETE: ModelMessage = { serverContent: { turnComplete: true } };
export const GENERATION_COMPLETE: ModelMessage = { serverContent: { generationComplete: true } };
export const INTERRUPTED: ModelMessage = { serverContent: { interrupted: true } };

/** 40 ms of silence as the model speaks it. */
export const AUDIO = {
  inlineData: { mimeType: 'audio/pcm;rate=24000', data: Buffer.alloc(1_920).toString('base64') },
};

export function modelTurn(...parts: readonly object[]): ModelMessage {
  return { serverContent: { modelTurn: { role: 'model', parts } } };
}

export function says(text: string): ModelMessage {
  return modelTurn({ text });
}

export function heard(text: string, finished?: true): ModelMessage {
  return { serverContent: { inputTranscription: { text, ...(finished && { finished }) } } };
}

export function spoken(text: string, finished?: true): ModelMessage {
  return { serverContent: { outputTranscription: { text, ...(finished && { finished }) } } };
}

/** Calls without arguments are given as names; the ids are `call-<name>`. */
export function calls(
  ...functions: readonly (string | { readonly name: string; readonly args: object })[]
): ModelMessage {
  const named = functions.map((call) => (typeof call === 'string' ? { name: call, args: {} } : call));
  return { toolCall: { functionCalls: named.map((call) => ({ id: `call-${call.name}`, ...call })) } };
}

export function handle(newHandle: string): ModelMessage {
  return { sessionResumptionUpdate: { newHandle, resumable: true } };
}

export function goAway(timeLeft: string): ModelMessage {
  return { goAway: { timeLeft } };
}
