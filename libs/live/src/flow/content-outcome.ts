import type { ParleyError } from '@parley/kernel';

/** How an agent's part in a `runAsync` ended. */
export type ContentOutcome =
  /** Its turn is over. `escalated`: a tool asked for the loop around it to end. */
  | { readonly kind: 'done'; readonly escalated: boolean }
  /** A call waits for a person or for the app: the run ends, and the next message may bring the answer. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'transfer'; readonly to: string; readonly escalated: boolean }
  /** Told as an event already. */
  | { readonly kind: 'failed'; readonly error: ParleyError };
