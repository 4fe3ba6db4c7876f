import { ParleyError } from '@parley/kernel';

/**
 * Throws `ParleyError` `internal` unless `hundredths` is a whole number of at least 1. Checked before anything is
 * written, for what a script has done before it fails is not undone.
 */
export function assertSlots(what: 'cost' | 'capacity', hundredths: number): void {
  if (Number.isSafeInteger(hundredths) && hundredths >= 1) return;
  throw new ParleyError('internal', `The ${what} must be a whole number of hundredths of a slot.`);
}
