import type { Content } from '@parley/event';

/** What one socket begins with: a handle, or history (which may be empty), never both. */
export interface SessionOpening {
  /** Whether handles are asked for. */
  readonly resumption: boolean;
  readonly handle: string | undefined;
  readonly history: readonly Content[];
}
