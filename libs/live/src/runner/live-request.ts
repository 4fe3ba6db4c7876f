import type { Blob, Content } from '@parley/event';

/** One thing that goes to the model. Exactly one of the fields below `kind` belongs to each kind. */
export type LiveRequest =
  /** A finished turn of the user; the agent answers. */
  | { readonly kind: 'content'; readonly content: Content }
  /** A chunk of audio, or one image. */
  | { readonly kind: 'realtime'; readonly blob: Blob }
  | { readonly kind: 'activityStart' }
  | { readonly kind: 'activityEnd' }
  | { readonly kind: 'audioStreamEnd' }
  /** Stop what the agent is saying. */
  | { readonly kind: 'interrupt' };
