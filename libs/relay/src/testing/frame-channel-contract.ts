import { systemClock } from '@parley/kernel';
import { afterEach, describe } from 'vitest';
import type { ChannelHarness, MakeHarness, OpenHarness } from './channel-harness.js';
import { deliveryContract } from './delivery-contract.js';
import { flowControlContract } from './flow-control-contract.js';
import { lifecycleContract } from './lifecycle-contract.js';

/** What every FrameChannel does, whatever carries it. */
export function describeFrameChannel(name: string, make: MakeHarness): void {
  describe(`FrameChannel over ${name}`, () => {
    let harness: ChannelHarness | undefined;
    const open: OpenHarness = async (limits = {}, clock = systemClock) => {
      harness = await make(limits, clock);
      return harness;
    };

    afterEach(async () => {
      await harness?.close();
      harness = undefined;
    });

    deliveryContract(open);
    flowControlContract(open);
    lifecycleContract(open);
  });
}
