import type { IncomingMessage, ServerResponse } from 'node:http';
import { ParleyError } from '@parley/kernel';

/** Requests may carry pictures and audio. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Throws `malformed_json` or `frame_too_large`; an empty body is an empty object. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new ParleyError('frame_too_large', 'Request payload size exceeds the limit.', {
        kind: 'invalid_argument',
      });
    }
    chunks.push(piece);
  }
  if (bytes === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new ParleyError('malformed_json', 'Invalid JSON payload received. Parsing error.', {
      kind: 'invalid_argument',
      cause,
    });
  }
}

/** Pretty-printed, as Google answers. */
export function writeJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
