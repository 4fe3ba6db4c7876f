import { ParleyError } from '@parley/kernel';

/** What a session service says to a writer whose fence is too low. */
export function writerSuperseded(): ParleyError {
  return new ParleyError('superseded', 'The session has another owner now.', { kind: 'failed_precondition' });
}
