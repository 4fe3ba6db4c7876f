import { ParleyError } from '@parley/kernel';
import { z } from 'zod';

/**
 * What the other side of an attach has had of a run so far. From a client that comes back, or from a gateway that
 * never lost its client, which knows more.
 */
const reception = z.object({
  /** `client`: it reconnected. `worker`: the owner was lost. `drain`: the owner moved the run away. */
  cause: z.enum(['client', 'worker', 'drain']),
  /** The last numbered message received; 0 for none. */
  seq: z.number().int().min(0),
  /** Ids of the newest stored events received. */
  seen: z.array(z.string()).max(1_024),
  /** The highest turn of which something was received; 0 for none. */
  turn: z.number().int().min(0),
  /** Audio of that turn came, and neither its end nor its interruption did. */
  turnOpen: z.boolean(),
  /** How far the agent's voice was heard, when it is known. */
  played: z.object({ turn: z.number().int().min(0), ms: z.number().min(0) }).optional(),
  /** What the user said last will be heard again: the gateway has kept it and sends it after the run is open. */
  speechFollows: z.boolean(),
  /** How long the break has lasted already, milliseconds. */
  goneMs: z.number().min(0),
});

/** What a gateway tells a worker when it opens a live run, and what a worker's refusal carries back. */
const relayOpen = z.object({
  tenantId: z.string().min(1),
  appName: z.string().min(1),
  userId: z.string().min(1),
  sessionId: z.string().min(1),
  liveId: z.string().min(1),
  /** Checked by the worker with the runtime's own schema. */
  runConfig: z.record(z.string(), z.unknown()),
  /** `owner`: gets the downlink, and whoever had it is superseded. `writer`: only sends, beside the owner. */
  role: z.enum(['owner', 'writer']).default('owner'),
  /**
   * The attach whose resume token the client showed, or that the gateway holds: it must be the newest one (or the one
   * before, for 30 s). Absent with a fresh client token, which supersedes whoever is attached.
   */
  after: z.number().int().min(0).optional(),
  /** Absent when nothing has been received: a new call, or another device. */
  reception: reception.optional(),
});

export type RelayOpen = z.output<typeof relayOpen>;
export type RelayOpenInput = z.input<typeof relayOpen>;
export type Reception = z.output<typeof reception>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeRelayOpen(open: RelayOpenInput): Uint8Array {
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
