import { ParleyError } from '@parley/kernel';

/** The answer of a check is no: its message says what was expected and what came instead, without secrets. */
export class CheckFailure extends ParleyError {
  constructor(message: string) {
    super('provider_unavailable', message);
  }
}
