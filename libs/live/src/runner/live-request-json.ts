import { decodeBase64, ParleyError } from '@parley/kernel';
import type { Part } from '@parley/event';
import { z } from 'zod';
import { checkRequest, type LiveRequest, type LiveRequestBody } from './live-request.js';

/**
 * ADK's LiveRequest as JSON, in snake_case or camelCase, base64 in both alphabets. ADK takes several fields at once
 * and acts on some of them; here exactly one says what the request is. [src: adk-python agents/live_request_queue.py]
 */
const bytes = z.string().transform((text, context) => {
  const decoded = decodeBase64(text);
  if (decoded) return decoded;
  context.addIssue('is not base64');
  return z.NEVER;
});
const blob = z.object({ mimeType: z.string(), data: bytes });
const record = z.record(z.string(), z.unknown());
const part = z.object({
  text: z.string().optional(),
  inlineData: blob.optional(),
  fileData: z.object({ fileUri: z.string(), mimeType: z.string().optional() }).optional(),
  functionCall: z
    .object({ id: z.string().default(''), name: z.string(), args: record.default({}) })
    .optional(),
  functionResponse: z
    .object({
      id: z.string().default(''),
      name: z.string(),
      response: record.default({}),
      scheduling: z.enum(['SILENT', 'WHEN_IDLE', 'INTERRUPT']).optional(),
      willContinue: z.boolean().optional(),
    })
    .optional(),
});
const liveRequest = z.object({
  content: z.object({ role: z.enum(['user', 'model']).optional(), parts: z.array(part) }).nullish(),
  blob: blob.nullish(),
  activityStart: record.nullish(),
  activityEnd: record.nullish(),
  audioStreamEnd: z.boolean().nullish(),
  close: z.boolean().nullish(),
  partial: z.boolean().nullish(),
  stateDelta: record.nullish(),
});

const KINDS = ['content', 'blob', 'activityStart', 'activityEnd', 'audioStreamEnd', 'close'] as const;

const OF_THE_USER = new Set(['args', 'response', 'stateDelta']);

/** `close` is no request: it closes the queue. Throws `ParleyError` `invalid_message` that says what is wrong. */
export function liveRequestFromJson(json: unknown): LiveRequest | { readonly kind: 'close' } {
  const parsed = liveRequest.safeParse(camelCased(json));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(`Not a LiveRequest: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const given = KINDS.filter((kind) => parsed.data[kind] ?? false);
  if (given.length > 1) throw refused(`A LiveRequest is one thing, not ${given.join(' and ')} at once.`);
  if (parsed.data.close) return { kind: 'close' };
  const { stateDelta } = parsed.data;
  const request: LiveRequest = { ...bodyOf(parsed.data), ...(stateDelta ? { stateDelta } : {}) };
  checkRequest(request);
  return request;
}

function bodyOf(given: z.output<typeof liveRequest>): LiveRequestBody {
  if (given.content) {
    const { role = 'user', parts } = given.content;
    const content = { role, parts: parts as Part[] };
    return given.partial ? { kind: 'content', content, partial: true } : { kind: 'content', content };
  }
  if (given.blob) return { kind: 'realtime', blob: given.blob };
  if (given.activityStart) return { kind: 'activityStart' };
  if (given.activityEnd) return { kind: 'activityEnd' };
  if (given.audioStreamEnd) return { kind: 'audioStreamEnd' };
  if (given.stateDelta) return { kind: 'state' };
  throw refused(`A LiveRequest needs one of ${KINDS.join(', ')} or stateDelta.`);
}

/** Keys of the protocol in camelCase; what is inside `args`, `response` and `stateDelta` is the user's and stays. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
      return [name, OF_THE_USER.has(name) ? inner : camelCased(inner)];
    }),
  );
}

function refused(message: string): ParleyError {
  return new ParleyError('invalid_message', message, { kind: 'invalid_argument' });
}
