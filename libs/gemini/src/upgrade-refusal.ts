import type { IncomingMessage } from 'node:http';
import { asRecord, asText, parseRecord } from './proto-json.js';

/** Enough for Google's error object; whatever else a refusing server says is of no use. */
const MAX_BODY_BYTES = 8_192;

/** An answer to the upgrade request that was not 101. */
export interface UpgradeRefusal {
  readonly httpStatus: number;
  /** The message of Google's error object where there is one, else only the status. */
  readonly reason: string;
  readonly retryAfterMs?: number;
}

/**
 * Calls `done` once the body is there, has grown too long or broken off. Who calls it bounds the time and ends the
 * request.
 */
export function readUpgradeRefusal(response: IncomingMessage, done: (refusal: UpgradeRefusal) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    done(refusalOf(response, Buffer.concat(chunks).toString('utf8')));
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) finish();
  });
  for (const event of ['end', 'aborted', 'error', 'close']) response.on(event, finish);
}

/** What can be said when the body does not come. */
export function refusalOf(response: IncomingMessage, body = ''): UpgradeRefusal {
  const httpStatus = response.statusCode ?? 0;
  const error = asRecord(parseRecord(body)?.['error']);
  const words = [asText(error?.['status']), asText(error?.['message'])].filter(Boolean).join(': ');
  const retryAfterSeconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return {
    httpStatus,
    reason: words || `HTTP ${httpStatus}`,
    ...(retryAfterSeconds >= 0 ? { retryAfterMs: retryAfterSeconds * 1_000 } : {}),
  };
}
