import type { MediaLimits } from './outgoing-media.js';

/** The bounds of channels and links; every field has a default in `DEFAULT_LIMITS`. */
export interface RelayLimits {
  /** What one channel's media queue holds on a worker, on its way to a gateway. */
  readonly mediaDown: MediaLimits;
  /** The same on a gateway, on its way to a worker. */
  readonly mediaUp: MediaLimits;
  /** Media bytes that a gateway takes on a channel before it grants more. */
  readonly mediaWindowBytes: number;
  /** Control that waits on one channel. */
  readonly controlMaxBytes: number;
  readonly controlMaxEvents: number;
  readonly channelsPerLink: number;
  readonly pingMs: number;
  /** A link that has been silent for so long is dead. Time that this process stood still is not counted. */
  readonly deadMs: number;
  /** A gateway hangs up a link that had no channel for so long. */
  readonly idleLinkMs: number;
  /** From the connection to the end of the handshake. */
  readonly handshakeMs: number;
  /** Connections to a worker that have not shown a token yet. */
  readonly pendingHandshakes: number;
}

/**
 * Downwards a worker paces audio at most 2 s ahead and a client that is silent for 18 s is given up, so a queue
 * ages out only behind a client that is as good as gone. Upwards audio older than a second is of no use, and one
 * image must fit beside it.
 */
export const DEFAULT_LIMITS: RelayLimits = {
  mediaDown: { maxBytes: 96 * 1024, maxAgeMs: 15_000 },
  mediaUp: { maxBytes: 336 * 1024, maxAgeMs: 1_000 },
  mediaWindowBytes: 96 * 1024,
  controlMaxBytes: 512 * 1024,
  controlMaxEvents: 256,
  channelsPerLink: 4_096,
  pingMs: 500,
  deadMs: 3_000,
  idleLinkMs: 30_000,
  handshakeMs: 2_000,
  pendingHandshakes: 256,
};
