import { durationMsOf, fieldsOf, numberOf, objectsIn, textOf, type Fields } from './json-fields.js';

export interface Caption {
  readonly text: string;
  readonly finished: boolean;
}

export interface HeardCall {
  readonly id: string;
  readonly name: string;
}

/** Token counts under one name, whichever dialect they came in. */
export interface HeardUsage {
  readonly prompt: number;
  readonly response: number;
  readonly total: number;
  readonly thoughts: number;
  /** Of the prompt, by modality. */
  readonly promptDetails: ReadonlyMap<string, number>;
}

/** One message of the server: what it says, without its media. */
export interface HeardMessage {
  /** Monotonic. */
  readonly atMs: number;
  readonly binary: boolean;
  /** What is in it, in the order of its JSON: `audio`, `turnComplete`, `usage` …, and unknown fields by their name. */
  readonly kinds: readonly string[];
  readonly audioMs: number;
  readonly userCaption: Caption | undefined;
  readonly modelCaption: Caption | undefined;
  /** Written by the model, thoughts left out. */
  readonly text: string;
  readonly calls: readonly HeardCall[];
  readonly usage: HeardUsage | undefined;
  readonly timeLeftMs: number | undefined;
  /** `handle` is '' where the session can't be resumed. */
  readonly resumption: { readonly handle: string; readonly resumable: boolean } | undefined;
}

const MODEL_RATE_HZ = 24_000;

/** Reads a frame of the server; undefined when it is not a JSON object. */
export function readHeard(frame: string, binary: boolean, atMs: number): HeardMessage | undefined {
  const message = parse(frame);
  if (!message) return undefined;
  const content = fieldsOf(message['serverContent']);
  const parts = objectsIn(fieldsOf(content?.['modelTurn'])?.['parts']);
  const update = fieldsOf(message['sessionResumptionUpdate']);
  return {
    atMs,
    binary,
    kinds: Object.entries(message).flatMap(([name, value]) => kindsOf(name, value)),
    audioMs: parts.reduce((sum, part) => sum + audioMsOf(part), 0),
    userCaption: captionOf(content?.['inputTranscription']),
    modelCaption: captionOf(content?.['outputTranscription']),
    text: parts.map((part) => (part['thought'] === true ? '' : (textOf(part['text']) ?? ''))).join(''),
    calls: objectsIn(fieldsOf(message['toolCall'])?.['functionCalls']).map((call) => ({
      id: textOf(call['id']) ?? '',
      name: textOf(call['name']) ?? '',
    })),
    usage: usageOf(fieldsOf(message['usageMetadata'])),
    timeLeftMs: durationMsOf(fieldsOf(message['goAway'])?.['timeLeft']),
    resumption: update && {
      handle: textOf(update['newHandle']) ?? '',
      resumable: update['resumable'] === true,
    },
  };
}

/** Come in streams beside each other, in no order that means anything. */
const STREAMED = new Set(['audio', 'text', 'thought', 'inputTranscription', 'outputTranscription']);

/** The kinds of several messages one after the other: `audio + outputTranscription → generationComplete → …`. */
export function orderOf(messages: readonly HeardMessage[]): string {
  const steps: Set<string>[] = [];
  for (const kind of messages.flatMap(({ kinds }) => kinds)) {
    const last = steps.at(-1);
    const isStreamed = STREAMED.has(kind);
    if (last?.has(kind) || (isStreamed && last && [...last].every((each) => STREAMED.has(each))))
      last?.add(kind);
    else steps.push(new Set([kind]));
  }
  return steps.map((step) => [...step].join(' + ')).join(' → ') || 'nothing';
}

function parse(frame: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(frame));
  } catch {
    return undefined;
  }
}

function kindsOf(name: string, value: unknown): readonly string[] {
  if (name === 'usageMetadata') return ['usage'];
  if (name === 'sessionResumptionUpdate') {
    return [fieldsOf(value)?.['resumable'] === true ? 'resumable' : 'notResumable'];
  }
  if (name !== 'serverContent') return [name];
  return Object.entries(fieldsOf(value) ?? {}).flatMap(([field, inner]) =>
    field === 'modelTurn' ? partKindsOf(inner) : [field],
  );
}

function partKindsOf(turn: unknown): readonly string[] {
  const kinds = objectsIn(fieldsOf(turn)?.['parts']).flatMap((part) => {
    if (part['inlineData'] !== undefined) return ['audio'];
    if (part['text'] !== undefined) return [part['thought'] === true ? 'thought' : 'text'];
    return Object.keys(part);
  });
  return [...new Set(kinds)];
}

function audioMsOf(part: Fields): number {
  const data = fieldsOf(part['inlineData']);
  const mimeType = textOf(data?.['mimeType']) ?? '';
  const base64 = textOf(data?.['data']) ?? '';
  if (!mimeType.startsWith('audio/')) return 0;
  const rateHz = Number(/rate=(\d+)/.exec(mimeType)?.[1] ?? MODEL_RATE_HZ);
  const bytes = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  return (bytes / 2 / rateHz) * 1_000;
}

function captionOf(value: unknown): Caption | undefined {
  const caption = fieldsOf(value);
  return caption && { text: textOf(caption['text']) ?? '', finished: caption['finished'] === true };
}

function usageOf(usage: Fields | undefined): HeardUsage | undefined {
  if (!usage) return undefined;
  const count = (...names: readonly string[]): number =>
    names.map((name) => numberOf(usage[name])).find((value) => value !== undefined) ?? 0;
  const details = objectsIn(usage['promptTokensDetails']).map(
    (each) => [textOf(each['modality']) ?? '', numberOf(each['tokenCount']) ?? 0] as const,
  );
  return {
    prompt: count('promptTokenCount'),
    response: count('responseTokenCount', 'candidatesTokenCount'),
    total: count('totalTokenCount'),
    thoughts: count('thoughtsTokenCount'),
    promptDetails: new Map(details),
  };
}
