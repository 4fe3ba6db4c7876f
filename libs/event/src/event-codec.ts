import { decodeBase64, encodeBase64, ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { Content, Part } from './content.js';
import type { Event } from './event.js';

/** Turns an event into plain JSON: ADK's camelCase names, absent instead of null, media as standard base64. */
export function eventToJson(event: Event): EventJson {
  if (!event.content) return event as unknown as EventJson;
  return { ...event, content: contentToJson(event.content) };
}

/** The same as ADK's own servers write it: times in float seconds, and nothing that ADK does not know. */
export function eventToAdkJson(event: Event): EventJson {
  const {
    seq: _1,
    errorDetails: _2,
    liveSessionRestarted: _3,
    cancelledToolCallIds: _4,
    blocked: _5,
    timestamp,
    ...adk
  } = eventToJson(event) as unknown as Event;
  return { ...adk, timestamp: timestamp / 1_000 };
}

export type EventJson = Readonly<Record<string, unknown>>;

function contentToJson(content: Content): unknown {
  return { ...content, parts: content.parts.map(partToJson) };
}

function partToJson(part: Part): unknown {
  const { inlineData, functionResponse } = part;
  if (inlineData) {
    return { ...part, inlineData: { ...inlineData, data: encodeBase64(inlineData.data) } };
  }
  if (!functionResponse?.parts) return part;
  return {
    ...part,
    functionResponse: { ...functionResponse, parts: functionResponse.parts.map(partToJson) },
  };
}

const record = z.record(z.string(), z.unknown());

const bytes = z.string().transform((text, context) => {
  const decoded = decodeBase64(text);
  if (decoded) return decoded;
  context.addIssue('not base64');
  return z.NEVER;
});

const media = z.looseObject({ mimeType: z.string(), data: bytes });

const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  inlineData: media.optional(),
  functionCall: z
    .looseObject({ id: z.string().default(''), name: z.string(), args: record.default({}) })
    .optional(),
  functionResponse: z
    .looseObject({
      id: z.string().default(''),
      name: z.string(),
      response: record.default({}),
      parts: z.array(z.looseObject({ inlineData: media.optional() })).optional(),
    })
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
      requestedAuthConfigs: record.default({}),
      requestedToolConfirmations: record.default({}),
    })
    .default({ stateDelta: {}, artifactDelta: {}, requestedAuthConfigs: {}, requestedToolConfirmations: {} }),
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
