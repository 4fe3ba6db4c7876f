import type { Clock } from '@parley/kernel';
import type { FrameChannel } from '../frame-channel.js';
import type { RelayCounters } from '../relay-counters.js';
import type { RelayLimits } from '../relay-limits.js';

/** An open channel and what a test can do to its link. */
export interface ChannelHarness {
  readonly gateway: FrameChannel;
  readonly worker: FrameChannel;
  readonly workerCounters: Readonly<RelayCounters>;
  /** What the worker writes is not read until `resumeDown`. */
  stallDown(): void;
  resumeDown(): void;
  cut(): void;
  close(): Promise<void>;
}

export type MakeHarness = (limits: Partial<RelayLimits>, clock: Clock) => Promise<ChannelHarness>;

/** Opens a channel for one test; it is closed after it. */
export type OpenHarness = (limits?: Partial<RelayLimits>, clock?: Clock) => Promise<ChannelHarness>;
