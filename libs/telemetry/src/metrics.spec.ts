import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

const linesOf = async (metrics: Metrics): Promise<string[]> =>
  (await metrics.expose()).body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('Metrics', () => {
  it('asks for a total that is kept elsewhere at each scrape', async () => {
    const metrics = new Metrics(['live_model_stall_nudges_total'], { defaults: false });
    let nudges = 0;
    metrics.read('live_model_stall_nudges_total', {}, () => nudges);
    expect(await linesOf(metrics)).toEqual(['live_model_stall_nudges_total 0']);
    nudges = 3;
    expect(await linesOf(metrics)).toEqual(['live_model_stall_nudges_total 3']);
    nudges = 4;
    expect(await linesOf(metrics)).toEqual(['live_model_stall_nudges_total 4']);
  });

  it('shows each set of labels with its own total', async () => {
    const metrics = new Metrics(['live_model_messages_total'], { defaults: false });
    metrics.read('live_model_messages_total', { path: 'audio' }, () => 40);
    metrics.read('live_model_messages_total', { path: 'json' }, () => 2);
    expect(await linesOf(metrics)).toEqual([
      'live_model_messages_total{path="audio"} 40',
      'live_model_messages_total{path="json"} 2',
    ]);
  });

  it('leaves out what this process has not got', async () => {
    const metrics = new Metrics([], { defaults: false });
    metrics.read('live_model_stall_nudges_total', {}, () => 1);
    metrics.count('live_tool_jobs_total', { outcome: 'ok' });
    expect(await linesOf(metrics)).toEqual([]);
  });
});
