import { decodeBase64, ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { PROTOCOL_VERSION } from './protocol.js';

/** Ids of stored events that a client names when it resumes, the newest. */
export const MAX_SEEN_IDS = 64;

const id = z.string().min(1).max(64).optional();

/**
 * Takes a call up again whose connection broke: `token` is the newest resume token, `seq` the last number that was
 * received, `played` how far the agent's voice had been heard, `seen` the ids of the newest stored events received.
 */
const resume = z.object({
  token: z.string().min(1).max(8_192),
  seq: z.number().int().min(0),
  played: z.object({ turn: z.number().int().min(0), ms: z.number().min(0) }).optional(),
  /** The highest turn of which something was received, and whether its end was not. */
  turn: z.number().int().min(0).optional(),
  turnOpen: z.boolean().optional(),
  seen: z.array(z.string().min(1).max(128)).max(MAX_SEEN_IDS).optional(),
});
/** With a client token a call begins; with `resume` one goes on. */
const hello = z
  .object({
    type: z.literal('hello'),
    v: z.number().int().default(PROTOCOL_VERSION),
    token: z.string().min(1).max(8_192).optional(),
    resume: resume.optional(),
  })
  .refine((said) => (said.token === undefined) !== (said.resume === undefined), 'needs a token or resume');
/** With an `id` it is answered with `ack` once it is stored, and a second one with the same id is only acknowledged. */
const text = z.object({ type: z.literal('text'), id, text: z.string().min(1).max(65_536) });
const base64 = z.string().transform((value, context) => {
  const decoded = decodeBase64(value);
  if (decoded) return decoded;
  context.addIssue('is not base64');
  return z.NEVER;
});
const audio = z.object({
  type: z.literal('audio'),
  id,
  mimeType: z.string().default('audio/pcm;rate=16000'),
  data: base64,
});
const image = z.object({
  type: z.literal('image'),
  id,
  mimeType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
  data: base64,
});
const activityStart = z.object({ type: z.literal('activityStart'), id });
const activityEnd = z.object({ type: z.literal('activityEnd'), id });
const audioStreamEnd = z.object({ type: z.literal('audioStreamEnd'), id });
/** Stop what the agent is saying now. */
const interrupt = z.object({ type: z.literal('interrupt'), id });
/** How much of a turn's audio has been played, so that history can be cut to what was heard. */
const playback = z.object({
  type: z.literal('playback'),
  turn: z.number().int().min(0),
  ms: z.number().min(0),
});
const ping = z.object({ type: z.literal('ping'), t: z.number().optional() });
/** Ends the call (not the session, which can be called again). */
const end = z.object({ type: z.literal('end'), id });

/**
 * What a client may say in JSON. Media may come here as base64, but belongs in binary frames.
 * Unknown fields are ignored (the protocol only grows); an unknown `type` is answered with `unknown_type`.
 */
const SCHEMAS = {
  hello,
  text,
  audio,
  image,
  activityStart,
  activityEnd,
  audioStreamEnd,
  interrupt,
  playback,
  ping,
  end,
};

export type ClientMessage = {
  [K in keyof typeof SCHEMAS]: z.output<(typeof SCHEMAS)[K]>;
}[keyof typeof SCHEMAS];
export type HelloMessage = z.output<typeof hello>;
export type ResumeRequest = z.output<typeof resume>;
/** A client message as one writes it (base64 still a string). */
export type ClientMessageInput = {
  [K in keyof typeof SCHEMAS]: z.input<(typeof SCHEMAS)[K]>;
}[keyof typeof SCHEMAS];

/** Parses one JSON text. Throws `ParleyError` with `malformed_json`, `unknown_type` or `invalid_message`. */
export function parseClientMessage(json: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ParleyError('malformed_json', 'The message is not JSON.', { kind: 'invalid_argument' });
  }
  return readClientMessage(value);
}

/** The same for a value that has been parsed already. */
export function readClientMessage(value: unknown): ClientMessage {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(SCHEMAS, type)) {
    throw new ParleyError('unknown_type', 'The message has no known "type".', {
      kind: 'invalid_argument',
      details: { known: Object.keys(SCHEMAS) },
    });
  }
  const parsed = SCHEMAS[type as keyof typeof SCHEMAS].safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ParleyError(
    'invalid_message',
    `"${type}": ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`,
    {
      kind: 'invalid_argument',
      details: { field: issue?.path.join('.') ?? '' },
    },
  );
}
