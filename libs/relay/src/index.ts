export {
  CLOSE_REASONS,
  type ChannelHandlers,
  type ChannelPeer,
  type CloseOutcome,
  type CloseReason,
  type FrameChannel,
  type LinkLoss,
  type MediaDrop,
} from './frame-channel.js';
export type { LinkAddress } from './link-address.js';
export { LINK_VERSION, MAX_LINK_PAYLOAD_BYTES } from './link-frame.js';
export type { Refusal } from './link-message.js';
export type { MediaLimits } from './outgoing-media.js';
export { RelayClient, type OpenOptions, type RelayClientOptions } from './relay-client.js';
export type { RelayCounters, RelayObserver } from './relay-counters.js';
export { DEFAULT_LIMITS, type RelayLimits } from './relay-limits.js';
export { RelayOpenError, type OpenFailure } from './relay-open-error.js';
export { RelayServer, type OpenAnswer, type OpenHandler, type RelayServerOptions } from './relay-server.js';
