import type { EndReason } from '@parley/wire';

const CAPS = new Map<string, EndReason>([
  ['max_duration', 'max'],
  ['max_turns', 'max'],
  ['budget_spent', 'max'],
  ['idle_timeout', 'idle'],
]);

/** What an error that ends a run is called where reasons are told. */
export function endReasonOf(errorCode = ''): EndReason {
  return CAPS.get(errorCode) ?? (errorCode.startsWith('provider_') ? 'provider' : 'error');
}
