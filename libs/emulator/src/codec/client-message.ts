import { decodeBase64, ParleyError } from '@parley/kernel';
import { readContentText, readContentTurn, type ContentTurn } from './content.js';
import { readFunctions, type FunctionDeclaration } from './function-declaration.js';
import { invalidField, ProtoObject } from './proto-object.js';
import { readSetup, type Setup } from './setup.js';

export type ClientMessage =
  | { readonly kind: 'setup'; readonly setup: Setup }
  | { readonly kind: 'clientContent'; readonly turns: readonly ContentTurn[]; readonly turnComplete: boolean }
  | ({ readonly kind: 'realtimeInput' } & RealtimeInput)
  | { readonly kind: 'toolResponse'; readonly responses: readonly FunctionResponse[] }
  | {
      readonly kind: 'contextUpdate';
      readonly systemInstruction: string | undefined;
      readonly functions: readonly FunctionDeclaration[] | undefined;
    };

export interface RealtimeInput {
  readonly audio: MediaBlob | undefined;
  readonly video: MediaBlob | undefined;
  readonly text: string | undefined;
  readonly activityStart: boolean;
  readonly activityEnd: boolean;
  readonly audioStreamEnd: boolean;
  /** The deprecated field; what it carried. */
  readonly mediaChunks: readonly MediaBlob[];
}

export interface MediaBlob {
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

export type Scheduling = 'SILENT' | 'WHEN_IDLE' | 'INTERRUPT';

export interface FunctionResponse {
  readonly id: string;
  readonly name: string;
  /** Without `scheduling` and `willContinue`, which Google's documents also show in here. */
  readonly response: Readonly<Record<string, unknown>>;
  readonly scheduling: Scheduling;
  readonly willContinue: boolean;
}

/** Throws `malformed_json` or `invalid_message`; both mean close 1007. */
export function decodeClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ParleyError('malformed_json', 'The message is not JSON.', { kind: 'invalid_argument', cause });
  }
  const envelope = ProtoObject.from(value, '');
  const [kind, ...more] = envelope.names();
  const body = kind === undefined || more.length > 0 ? undefined : envelope.object(kind);
  if (!body) throw invalidField('message_type');
  switch (kind) {
    case 'setup':
      return { kind, setup: readSetup(body) };
    case 'clientContent':
      return {
        kind,
        turns: body.objects('turns').map(readContentTurn),
        turnComplete: body.boolean('turnComplete'),
      };
    case 'realtimeInput':
      return { kind, ...readRealtimeInput(body) };
    case 'toolResponse':
      return { kind, responses: body.objects('functionResponses').map(readFunctionResponse) };
    case 'contextUpdate': {
      const instruction = body.object('systemInstruction');
      const tools = body.object('tools');
      return {
        kind,
        systemInstruction: instruction && readContentText(instruction),
        functions: tools && readFunctions(tools.objects('tools')),
      };
    }
    default:
      throw new ParleyError('invalid_message', 'The message is of no known kind.', {
        kind: 'invalid_argument',
        details: { unknownField: kind, at: '' },
      });
  }
}

function readRealtimeInput(body: ProtoObject): RealtimeInput {
  return {
    audio: readBlob(body.object('audio'), 'audio'),
    video: readBlob(body.object('video'), 'video'),
    text: body.string('text'),
    activityStart: body.has('activityStart'),
    activityEnd: body.has('activityEnd'),
    audioStreamEnd: body.boolean('audioStreamEnd'),
    mediaChunks: body.objects('mediaChunks').flatMap((chunk) => readBlob(chunk, 'mediaChunks') ?? []),
  };
}

function readBlob(blob: ProtoObject | undefined, path: string): MediaBlob | undefined {
  if (!blob) return undefined;
  const bytes = decodeBase64(blob.string('data') ?? '');
  if (!bytes) throw invalidField(`realtimeInput.${path}.data`);
  return { mimeType: blob.string('mimeType') ?? '', bytes };
}

function readFunctionResponse(answer: ProtoObject): FunctionResponse {
  const body = answer.object('response');
  const response: Record<string, unknown> = {};
  const given = answer.raw('response');
  if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given)) {
      if (!/^(scheduling|will_?[cC]ontinue)$/.test(name)) response[name] = value;
    }
  }
  return {
    id: answer.string('id') ?? '',
    name: answer.string('name') ?? '',
    response,
    scheduling: readScheduling(answer.enumName('scheduling') ?? innerWord(body, 'scheduling')),
    willContinue: answer.boolean('willContinue') || body?.raw('willContinue') === true,
  };
}

function innerWord(body: ProtoObject | undefined, name: string): string | undefined {
  const value = body?.raw(name);
  return typeof value === 'string' ? value.toUpperCase() : undefined;
}

function readScheduling(name: string | undefined): Scheduling {
  if (name === 'SILENT') return 'SILENT';
  return name === 'INTERRUPT' || name === 'INTERRUPTED' ? 'INTERRUPT' : 'WHEN_IDLE';
}
