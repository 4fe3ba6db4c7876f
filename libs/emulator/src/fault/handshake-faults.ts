import { CLOSE_REASONS } from '../session/close-reason.js';
import type { CompleteFault } from './fault.js';

export type HandshakeOutcome =
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'ignored' }
  /** With what is to go wrong later. */
  | { readonly kind: 'served'; readonly faults: readonly CompleteFault[] };

/** What becomes of an upgrade request. */
export function shakeHands(faults: readonly CompleteFault[]): HandshakeOutcome {
  const later: CompleteFault[] = [];
  for (const fault of faults) {
    if (fault.kind === 'refuseUpgrade') return { kind: 'refused', status: fault.status };
    if (fault.kind === 'ignoreUpgrade') return { kind: 'ignored' };
    if (fault.kind === 'quota') {
      if (fault.status !== 0) return { kind: 'refused', status: fault.status };
      later.push({ kind: 'closeBeforeSetup', ...CLOSE_REASONS.quota });
    } else {
      later.push(fault);
    }
  }
  return { kind: 'served', faults: later };
}
