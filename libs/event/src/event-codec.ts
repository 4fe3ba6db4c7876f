import { decodeBase64, encodeBase64, ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { Content, Part } from './content.js';
import type { Event } from './event.js';

/** Turns an event into plain JSON: ADK's camelCase names, absent instead of null, media as standard base64. */
export function eventToJson(event: Event): EventJson {
  if (!event.content) return event as unknown as EventJson;
  return { ...event, content: contentToJson(event.content) };
}

export type EventJson = Readonly<Record<string, unknown>>;

function contentToJson(content: Content): unknown {
  return { ...content, parts: content.parts.map(partToJson) };
}

function partToJson(part: Part): unknown {
  if (!part.inlineData) return part;
  return {
    ...part,
    inlineData: { mimeType: part.inlineData.mimeType, data: encodeBase64(part.inlineData.data) },
  };
}

const record = z.record(z.string(), z.unknown());

const bytes = z.string().transform((text, context) => {
  const decoded = decodeBase64(text);
  if (decoded) return decoded;
  context.addIssue('not base64');
  return z.NEVER;
});

const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  inlineData: z.looseObject({ mimeType: z.string(), data: bytes }).optional(),
  functionCall: z
    .looseObject({ id: z.string().default(''), name: z.string(), args: record.default({}) })
    .optional(),
  functionResponse: z
    .looseObject({ id: z.string().default(''), name: z.string(), response: record.default({}) })
    .optional(),
});

const content = z.looseObject({
  role: z.enum(['user', 'model', 'system']).optional(),
  parts: z.array(part).default([]),
});

const transcription = z.looseObject({ text: z.string().default(''), finished: z.boolean().default(false) });

const event = z.looseObject({
  id: z.string(),
  invocationId: z.string().default(''),
  author: z.string(),
  timestamp: z.number(),
  content: content.optional(),
  partial: z.boolean().optional(),
  turnComplete: z.boolean().optional(),
  interrupted: z.boolean().optional(),
  inputTranscription: transcription.optional(),
  outputTranscription: transcription.optional(),
  longRunningToolIds: z.array(z.string()).optional(),
  actions: z
    .looseObject({
      stateDelta: record.default({}),
      artifactDelta: z.record(z.string(), z.number()).default({}),
    })
    .default({ stateDelta: {}, artifactDelta: {} }),
});

/** Reads what `eventToJson` wrote. Throws `ParleyError` `invalid_message` that names the field. */
export function eventFromJson(json: unknown): Event {
  const parsed = event.safeParse(json);
  if (parsed.success) return parsed.data as Event;
  const issue = parsed.error.issues[0];
  throw new ParleyError(
    'invalid_message',
    `Not an event: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    {
      kind: 'invalid_argument',
    },
  );
}
