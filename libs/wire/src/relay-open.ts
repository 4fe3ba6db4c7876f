import { ParleyError } from '@parley/kernel';
import { z } from 'zod';

/** What a gateway tells a worker when it opens a live run, and what a worker's refusal carries back. */
const relayOpen = z.object({
  tenantId: z.string().min(1),
  appName: z.string().min(1),
  userId: z.string().min(1),
  sessionId: z.string().min(1),
  liveId: z.string().min(1),
  /** Checked by the worker with the runtime's own schema. */
  runConfig: z.record(z.string(), z.unknown()),
});

export type RelayOpen = z.output<typeof relayOpen>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeRelayOpen(open: RelayOpen): Uint8Array {
  return encoder.encode(JSON.stringify(open));
}

/** Throws `ParleyError` `invalid_message`. */
export function decodeRelayOpen(bytes: Uint8Array): RelayOpen {
  try {
    return relayOpen.parse(JSON.parse(decoder.decode(bytes)));
  } catch (error) {
    throw new ParleyError('invalid_message', 'The opening of the run is not readable.', {
      kind: 'invalid_argument',
      cause: error,
    });
  }
}
