import { GeminiLiveModel, type GeminiCounters } from '@parley/gemini';
import { METRICS, Metrics, type MetricName } from '@parley/telemetry';
import { describe, expect, it } from 'vitest';
import { showCounters } from './model-metrics.js';

describe("the model's counters", () => {
  it('are shown at each scrape, in base units', async () => {
    const { counters } = new GeminiLiveModel({ provider: { kind: 'gemini', apiKey: 'k' } });
    const metrics = new Metrics(Object.keys(METRICS) as MetricName[], { defaults: false });
    const live: GeminiCounters = { ...counters };
    showCounters(metrics, live);
    Object.assign(live, {
      connectFailures: 1,
      abandoned: 2,
      stallNudges: 3,
      cutTurns: 4,
      replayedMs: 5_500,
      audioFastPath: 6,
      messagesParsed: 7,
      protocolErrors: 8,
      listenerErrors: 9,
      droppedAudioMs: 10_500,
      droppedReplayMs: 11_500,
      droppedImages: 12,
      droppedReplayControls: 13,
      droppedToolResponses: 14,
      refusedSends: 15,
    } satisfies Partial<GeminiCounters>);
    const { body } = await metrics.expose();
    const shown = body.split('\n').filter((line) => /^live_model_.* [1-9]/.test(line));
    expect(shown).toEqual([
      'live_model_connect_failures_total 1',
      'live_model_abandoned_total 2',
      'live_model_stall_nudges_total 3',
      'live_model_cut_turns_total 4',
      'live_model_replayed_audio_seconds_total 5.5',
      'live_model_dropped_audio_seconds_total{reason="congested"} 10.5',
      'live_model_dropped_audio_seconds_total{reason="replay"} 11.5',
      'live_model_dropped_input_total{kind="image"} 12',
      'live_model_dropped_input_total{kind="control"} 13',
      'live_model_dropped_input_total{kind="tool_response"} 14',
      'live_model_dropped_input_total{kind="unsayable"} 15',
      'live_model_messages_total{path="audio"} 6',
      'live_model_messages_total{path="json"} 7',
      'live_model_protocol_errors_total 8',
      'live_model_listener_errors_total 9',
    ]);
  });
});
