import { durationText, type FunctionCall } from '../codec/server-message.js';
import { toneBase64 } from '../voice/tone.js';
import { fillIn, fillInAll, type Cue } from './cue.js';
import type { MessageStep } from './step.js';

/** A server message as it goes over the wire, whatever is in it. */
export type WireJson = Readonly<Record<string, unknown>>;

type Api = 'gemini' | 'vertex';
type CallStep = Extract<MessageStep, { verb: 'toolCall' }>;

/** The one message that a step stands for. */
export function messageOf({ verb, value }: Exclude<MessageStep, CallStep>, cue: Cue, api: Api): WireJson {
  switch (verb) {
    case 'content': {
      const { parts, ...rest } = value;
      return { serverContent: { ...(parts && modelTurn(parts.map(toPart), api)), ...rest } };
    }
    case 'text':
      return { serverContent: modelTurn([{ text: fillIn(value, cue) }], api) };
    case 'think':
      return { serverContent: modelTurn([{ text: fillIn(value, cue), thought: true }], api) };
    case 'audio':
      return { serverContent: modelTurn([toPart({ audioMs: value })], api) };
    case 'transcript': {
      const { input, interim, output } = value;
      return {
        serverContent: {
          ...(input && { inputTranscription: input }),
          ...(interim && { interimInputTranscription: interim }),
          ...(output && { outputTranscription: output }),
        },
      };
    }
    case 'toolCallCancellation':
      return { toolCallCancellation: { ids: value } };
    case 'turnComplete': {
      const { reason, interactionStatus, usage } = value;
      return {
        serverContent: {
          turnComplete: true,
          ...(reason !== undefined && { turnCompleteReason: reason }),
          ...(interactionStatus && { interactionStatus }),
        },
        ...(usage && { usageMetadata: usage }),
      };
    }
    case 'interrupted':
      return {
        serverContent: { interrupted: true, ...(value.turnComplete && { turnComplete: true }) },
        ...(value.usage && { usageMetadata: value.usage }),
      };
    case 'usage':
      return { usageMetadata: value };
    case 'grounding':
      return { serverContent: { groundingMetadata: value } };
    case 'generationComplete':
    case 'waitingForInput':
    case 'interactionStatus':
      return { serverContent: { [verb]: value } };
    case 'goAway':
      return { goAway: { timeLeft: durationText(value) } };
    case 'resumption':
      return { sessionResumptionUpdate: value };
    case 'voiceActivity':
    case 'setupComplete':
      return { [verb]: value };
    case 'send':
      return value;
  }
}

export function callsOf(calls: CallStep['value'], cue: Cue, newCallId: () => string): FunctionCall[] {
  return calls.map(({ id, name, args }) => ({
    id: id ?? newCallId(),
    name,
    args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, fillInAll(value, cue)])),
  }));
}

function toPart({ audioMs, ...part }: { readonly audioMs?: number | undefined }): object {
  if (audioMs === undefined) return part;
  return { ...part, inlineData: { mimeType: 'audio/pcm;rate=24000', data: toneBase64(audioMs) } };
}

/** Vertex names the role of the model's parts, the Gemini API does not. */
function modelTurn(parts: readonly object[], api: Api): object {
  return { modelTurn: { ...(api === 'vertex' && { role: 'model' }), parts } };
}
