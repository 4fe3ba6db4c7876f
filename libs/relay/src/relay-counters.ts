import type { LinkLoss, MediaDrop } from './frame-channel.js';

/** What one relay client or server has done since it was made. Only ever rises, except the two gauges. */
export class RelayCounters {
  links = 0;
  channels = 0;
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Incoming frames of another epoch than their channel's. Nothing is done with them. */
  staleFrames = 0;
  /** Incoming frames of channels that are closed here; the peer had sent them before it knew. */
  strayFrames = 0;
  readonly droppedMediaFrames: Record<MediaDrop, number> = {
    budget: 0,
    age: 0,
    purged: 0,
    late: 0,
    closed: 0,
  };
  readonly droppedMediaBytes: Record<MediaDrop, number> = {
    budget: 0,
    age: 0,
    purged: 0,
    late: 0,
    closed: 0,
  };
  readonly lostLinks: Record<LinkLoss, number> = { silent: 0, disconnected: 0, protocol: 0, shut: 0 };
  /** Handshakes that did not make a link, on either side. */
  failedHandshakes = 0;
}

/** Told of links as they come and go. Each method is optional, and none may throw. */
export interface RelayObserver {
  linkUp?(peerId: string): void;
  linkDown?(peerId: string, loss: LinkLoss): void;
  roundTrip?(peerId: string, ms: number): void;
}
