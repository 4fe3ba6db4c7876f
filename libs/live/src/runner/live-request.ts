import { ParleyError } from '@parley/kernel';
import type { Blob, Content } from '@parley/event';

/** One thing of the client's. Any kind may carry a change of the session's state. */
export type LiveRequest = LiveRequestBody & {
  readonly stateDelta?: Readonly<Record<string, unknown>>;
  /** The sender's name for a `content`, at most 64 characters: a second one with the same name in a run is not taken. */
  readonly requestId?: string;
};

export type LiveRequestBody =
  /** A turn of the user, which the agent answers; `partial`: more of the turn follows. */
  | { readonly kind: 'content'; readonly content: Content; readonly partial?: boolean }
  /** A chunk of audio, or one image. */
  | { readonly kind: 'realtime'; readonly blob: Blob }
  | { readonly kind: 'activityStart' }
  | { readonly kind: 'activityEnd' }
  | { readonly kind: 'audioStreamEnd' }
  /** Nothing but a change of state. */
  | { readonly kind: 'state' }
  /** Stop what the agent is saying. */
  | { readonly kind: 'interrupt' }
  /** How much of a turn's audio the client has played; turns are counted by `TurnTracker`. */
  | { readonly kind: 'playback'; readonly turn: number; readonly playedMs: number };

/** What a `requestId` may be: part of an event's id, so nothing that would have to be escaped anywhere. */
const REQUEST_ID = /^[\x20-\x7e]{1,64}$/;
const REALTIME_MIME = /^(audio\/(pcm|l16)\b|image\/(jpeg|png|webp|heic|heif)$)/i;

/**
 * Refuses what no model can be given. Throws `ParleyError` `invalid_message` that names the reason: a function call
 * from the user, content without parts, media of a type that the Live API does not take, a bad request id.
 */
export function checkRequest(request: LiveRequest): void {
  if (request.kind === 'content') {
    if (request.content.parts.some((part) => part.functionCall)) {
      throw refused('A user message can not contain function calls.');
    }
    if (request.content.parts.length === 0) throw refused('The content has no parts.');
  }
  if (request.requestId !== undefined) checkRequestId(request, request.requestId);
  if (request.kind === 'realtime' && !REALTIME_MIME.test(request.blob.mimeType)) {
    throw refused(`Media of type "${request.blob.mimeType.slice(0, 64)}" can not be sent to the model.`);
  }
}

function checkRequestId(request: LiveRequest, requestId: string): void {
  if (!REQUEST_ID.test(requestId)) throw refused('A request id is 1 to 64 printable ASCII characters.');
  if (request.kind !== 'content' || request.partial) {
    throw refused('Only content that completes a turn can have a request id.');
  }
}

function refused(message: string): ParleyError {
  return new ParleyError('invalid_message', message, { kind: 'invalid_argument' });
}
