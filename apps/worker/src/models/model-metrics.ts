import type { GeminiCounters } from '@parley/gemini';
import type { Metrics } from '@parley/telemetry';

/**
 * Shows the totals of the model's connections: what runs are not told of. What they are told of (`LiveFact`) is counted
 * with the runs, so that nothing is counted twice.
 */
export function showCounters(metrics: Metrics, counters: Readonly<GeminiCounters>): void {
  metrics.read('live_model_connect_failures_total', {}, () => counters.connectFailures);
  metrics.read('live_model_abandoned_total', {}, () => counters.abandoned);
  metrics.read('live_model_stall_nudges_total', {}, () => counters.stallNudges);
  metrics.read('live_model_cut_turns_total', {}, () => counters.cutTurns);
  metrics.read('live_model_replayed_audio_seconds_total', {}, () => counters.replayedMs / 1_000);

  metrics.read('live_model_messages_total', { path: 'audio' }, () => counters.audioFastPath);
  metrics.read('live_model_messages_total', { path: 'json' }, () => counters.messagesParsed);
  metrics.read('live_model_protocol_errors_total', {}, () => counters.protocolErrors);
  metrics.read('live_model_listener_errors_total', {}, () => counters.listenerErrors);

  const audio = 'live_model_dropped_audio_seconds_total';
  metrics.read(audio, { reason: 'congested' }, () => counters.droppedAudioMs / 1_000);
  metrics.read(audio, { reason: 'replay' }, () => counters.droppedReplayMs / 1_000);
  const input = 'live_model_dropped_input_total';
  metrics.read(input, { kind: 'image' }, () => counters.droppedImages);
  metrics.read(input, { kind: 'control' }, () => counters.droppedReplayControls);
  metrics.read(input, { kind: 'tool_response' }, () => counters.droppedToolResponses);
  metrics.read(input, { kind: 'response_media' }, () => counters.droppedResponseMedia);
  metrics.read(input, { kind: 'unsayable' }, () => counters.refusedSends);
}
