import { ParleyError } from '@parley/kernel';

const RETRY_AFTER_MS = 2_000;

/** What adapters of this room's ports reject with when their store can't be reached (I11: refuse quickly, clearly). */
export function controlPlaneUnavailable(cause: unknown): ParleyError {
  return new ParleyError('control_plane_unavailable', 'New sessions can not be placed right now.', {
    kind: 'unavailable',
    retryable: true,
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
}
