import type { LiveObserver } from '@parley/live';
import type { Metrics } from '@parley/telemetry';

/** Turns what happens in runs into metrics. */
export function countFacts(metrics: Metrics, provider: string): LiveObserver {
  return (fact) => {
    switch (fact.kind) {
      case 'connected':
        return metrics.observe('live_model_connect_seconds', { provider }, fact.tookMs / 1_000);
      case 'resumed':
        metrics.count('live_model_replacements_total', { reason: fact.reason });
        return metrics.observe('live_model_gap_seconds', { reason: fact.reason }, fact.gapMs / 1_000);
      case 'restarted':
        return metrics.count('live_model_restarts_total', { reason: fact.reason });
      case 'handedOver':
        return metrics.observe('live_agent_handover_seconds', {}, fact.gapMs / 1_000);
      case 'usage': {
        const { promptTokenCount = 0, responseTokenCount = 0 } = fact.usage;
        metrics.count('live_model_tokens_total', { direction: 'in' }, promptTokenCount);
        return metrics.count('live_model_tokens_total', { direction: 'out' }, responseTokenCount);
      }
      case 'handle':
      case 'handleVoid':
        return;
    }
  };
}
