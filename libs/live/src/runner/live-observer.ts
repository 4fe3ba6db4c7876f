import type { UsageMetadata } from '@parley/event';
import type { ReplacementReason } from '../model/live-model.js';

/** What happens in a run besides its events: for metrics, usage and traces. */
export type LiveFact =
  | {
      readonly kind: 'connected';
      readonly agentName: string;
      readonly model: string;
      readonly tookMs: number;
    }
  | { readonly kind: 'resumed'; readonly reason: ReplacementReason; readonly gapMs: number }
  | { readonly kind: 'restarted'; readonly reason: 'connection_lost' | 'guardrail' }
  | { readonly kind: 'handle'; readonly agentName: string; readonly handle: string }
  /** `gapMs`: from the decision to the moment when the next agent's model has accepted its set-up. */
  | { readonly kind: 'handedOver'; readonly from: string; readonly to: string; readonly gapMs: number }
  | {
      readonly kind: 'usage';
      readonly agentName: string;
      readonly model: string;
      readonly usage: UsageMetadata;
    };

/** Told at once, in the hot path: must be quick and must not throw. */
export type LiveObserver = (fact: LiveFact) => void;
