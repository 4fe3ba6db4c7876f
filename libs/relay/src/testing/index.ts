export { channelPair, type ChannelPair, type ChannelPairOptions } from './channel-pair.js';
