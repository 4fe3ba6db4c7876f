import { decodeBase64, ParleyError } from '@parley/kernel';
import { MAX_MESSAGE_BYTES, readU32, SOCKET_IO_BINARY } from '@parley/wire';

/** One thing of the client's: a message as JSON, or a media frame. */
export type PostedItem = { readonly json: string } | { readonly frame: Uint8Array };

/** More in one post are refused: a client's allowance is 120 messages a second. */
const MAX_ITEMS = 256;
const LENGTH_BYTES = 4;

/** A JSON array of client messages; `{"a": base64}` is a media frame. Throws `ParleyError` `invalid_message`. */
export function itemsOfJson(body: unknown): PostedItem[] {
  if (!Array.isArray(body)) throw invalid('Post a JSON array of messages.');
  if (body.length > MAX_ITEMS) throw invalid(`Post at most ${MAX_ITEMS} messages at once.`);
  return body.map((item: unknown) => {
    const frame = frameIn(item);
    return frame === undefined
      ? { json: JSON.stringify(item) }
      : { frame: decodeBase64(frame) ?? new Uint8Array() };
  });
}

/** Media frames, each after its length (u32, big-endian). Throws `ParleyError` `malformed_frame`. */
export function itemsOfBytes(body: Uint8Array): PostedItem[] {
  const items: PostedItem[] = [];
  for (let at = 0; at < body.byteLength;) {
    const begin = at + LENGTH_BYTES;
    const end = begin + readU32(body, at);
    if (begin > body.byteLength || end > body.byteLength || items.length === MAX_ITEMS) {
      throw new ParleyError('malformed_frame', 'A frame is longer than the body, or there are too many.', {
        kind: 'invalid_argument',
      });
    }
    items.push({ frame: body.subarray(begin, end) });
    at = end;
  }
  return items;
}

/** The whole body, unless it is longer than a message may be. Throws `ParleyError` `frame_too_large`. */
export async function readBytes(request: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new ParleyError('frame_too_large', `Post at most ${MAX_MESSAGE_BYTES} bytes at once.`, {
        kind: 'invalid_argument',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function frameIn(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !(SOCKET_IO_BINARY in item)) return undefined;
  const frame = item[SOCKET_IO_BINARY];
  return typeof frame === 'string' ? frame : '';
}

function invalid(message: string): ParleyError {
  return new ParleyError('invalid_message', message, { kind: 'invalid_argument' });
}
