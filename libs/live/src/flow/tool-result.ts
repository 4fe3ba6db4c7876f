import type { Content, FunctionResponse, Part } from '@parley/event';
import { decodeBase64, ParleyError } from '@parley/kernel';
import type { ToolResult } from '../agent/callbacks.js';

/** What is larger has no place in a conversation with a model. In bytes of JSON; the same as for jobs. */
const MAX_RESPONSE_BYTES = 65_536;
const MAX_MEDIA_BYTES = 1_048_576;
const MAX_ERROR_CHARS = 1_000;

/** A result as a function response can hold it. */
export interface ToolOutput {
  readonly response: ToolResult;
  /** Media of the result; in `response` `{mimeType, part}` stands for each, `part` counted from 0. */
  readonly parts?: readonly Part[];
}

/**
 * A plain object is the response; anything else is `{result: …}`, nothing at all `{result: null}`. Media (a Blob, or
 * a Part with `inlineData`, whose data may be base64) moves into `parts`. Throws for what is not JSON or too large.
 * [src: adk-python functions.py `__build_response_event`]
 */
export function toolOutputOf(result: unknown): ToolOutput {
  const parts: Part[] = [];
  const json = JSON.stringify(result, (_key, value: unknown) => {
    const part = mediaPartOf(value);
    if (!part) return value;
    parts.push(part);
    return { mimeType: part.inlineData.mimeType, part: parts.length - 1 };
  }) as string | undefined;
  checkSizes(json ?? '', parts);
  const plain: unknown = json === undefined ? null : JSON.parse(json);
  const response = isRecord(plain) && !mediaPartOf(result) ? plain : { result: plain };
  return parts.length > 0 ? { response, parts } : { response };
}

/** What a model is told of an error: its message, without what it was caused by. */
export function errorOutputOf(thrown: unknown): ToolOutput {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { response: { error: message.slice(0, MAX_ERROR_CHARS) } };
}

/** A result in the words of a user. [src: adk-python 2.3 functions.py, streaming tools] */
export function asUserText({ name, response, parts = [] }: FunctionResponse): Content {
  const { result } = response;
  const only = Object.keys(response).length === 1 && result !== undefined ? result : response;
  const value = typeof only === 'string' ? only : JSON.stringify(only);
  return { role: 'user', parts: [{ text: `Function ${name} returned: ${value}` }, ...parts] };
}

/** Whether a long-running tool said nothing yet. [src: adk-python functions.py] */
export function isEmptyResult(result: unknown): boolean {
  if (result === undefined || result === null || result === '') return true;
  return isRecord(result) && Object.keys(result).length === 0;
}

function mediaPartOf(
  value: unknown,
): (Part & { readonly inlineData: NonNullable<Part['inlineData']> }) | undefined {
  if (!isRecord(value)) return undefined;
  if (isRecord(value['inlineData'])) {
    const { mimeType, data } = value['inlineData'];
    const bytes = typeof data === 'string' ? decodeBase64(data) : data;
    return typeof mimeType === 'string' && bytes instanceof Uint8Array
      ? { inlineData: { mimeType, data: bytes } }
      : undefined;
  }
  const { mimeType, data } = value;
  return typeof mimeType === 'string' && data instanceof Uint8Array
    ? { inlineData: { mimeType, data } }
    : undefined;
}

function checkSizes(json: string, parts: readonly Part[]): void {
  const mediaBytes = parts.reduce((sum, { inlineData }) => sum + (inlineData?.data.byteLength ?? 0), 0);
  if (mediaBytes > MAX_MEDIA_BYTES) throw tooLarge('media of the result are', MAX_MEDIA_BYTES);
  // Three bytes at most for each unit of UTF-16: only what may be too large is counted.
  if (json.length * 3 <= MAX_RESPONSE_BYTES) return;
  if (new TextEncoder().encode(json).byteLength > MAX_RESPONSE_BYTES) {
    throw tooLarge('result is', MAX_RESPONSE_BYTES);
  }
}

function tooLarge(what: string, bytes: number): ParleyError {
  return new ParleyError('tool_failed', `The ${what} larger than ${bytes} bytes.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
