import type { Blob, Content, FunctionResponse } from '@parley/event';

/** One thing that is said to the model, before it has become frames of a socket. */
export type ModelInput =
  | { readonly kind: 'realtime'; readonly blob: Blob }
  | { readonly kind: 'content'; readonly content: Content; readonly partial: boolean }
  | { readonly kind: 'activityStart' }
  | { readonly kind: 'activityEnd' }
  | { readonly kind: 'audioStreamEnd' }
  | { readonly kind: 'toolResponse'; readonly responses: readonly FunctionResponse[] }
  | { readonly kind: 'interrupt' };

/**
 * Where a socket notes the number of a message: 1 for the first after the set-up. Written when the message leaves,
 * not when it is handed over; `undefined` until then. A message of several frames has the number of its last one.
 */
export interface SentStamp {
  index: number | undefined;
}
