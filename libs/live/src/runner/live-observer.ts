import type { UsageMetadata } from '@parley/event';
import type { ReplacementReason } from '../model/live-model.js';

/** What happens in a run besides its events: for metrics, usage and traces. */
export type LiveFact =
  | {
      readonly kind: 'connected';
      readonly agentName: string;
      readonly model: string;
      readonly tookMs: number;
      /** How the model knows what was before: its own session was taken up again, or it was told, or not at all. */
      readonly mode: 'handle' | 'history' | 'fresh';
    }
  | { readonly kind: 'resumed'; readonly reason: ReplacementReason; readonly gapMs: number }
  | { readonly kind: 'restarted'; readonly reason: 'connection_lost' | 'guardrail' }
  /** `sealed`: as the run's event carries it, and a RunConfig takes it; absent where no seal is configured. */
  | {
      readonly kind: 'handle';
      readonly agentName: string;
      readonly handle: string;
      readonly sealed?: string;
    }
  /** The agent's handle must not be used any more: its session at the model is over, or begun anew without it. */
  | { readonly kind: 'handleVoid'; readonly agentName: string }
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
