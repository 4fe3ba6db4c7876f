import { channelPair } from './testing/channel-pair.js';
import { describeFrameChannel } from './testing/frame-channel-contract.js';
import { tcpChannelPair } from './testing/tcp-channel-pair.js';

describeFrameChannel('TCP', tcpChannelPair);

describeFrameChannel('memory', async (limits, clock) => {
  const pair = channelPair({ limits, clock });
  return {
    gateway: pair.gateway,
    worker: pair.worker,
    workerCounters: pair.workerCounters,
    stallDown: () => pair.stall('worker'),
    resumeDown: () => pair.resume('worker'),
    cut: () => pair.cut(),
    close: async () => pair.cut(),
  };
});
