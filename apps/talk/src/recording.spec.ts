import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32ToPcm16, writeWav } from '@parley/audio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRecording } from './recording.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-talk-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadRecording', () => {
  it('brings a recording of another rate to 16 kHz and finds the end of speech', async () => {
    const file = join(folder, 'tone.wav');
    const samples = Float32Array.from({ length: 48_000 * 2 }, (_, i) =>
      i < 48_000 ? 0.3 * Math.sin((2 * Math.PI * 300 * i) / 48_000) : 0,
    );
    await writeFile(file, writeWav(float32ToPcm16(samples), 48_000));
    const recording = await loadRecording(file);
    expect(recording.durationMs).toBe(2_000);
    expect(recording.speechEndMs).toBeGreaterThan(900);
    expect(recording.speechEndMs).toBeLessThan(1_100);
  });

  it('names the file that it cannot read', async () => {
    await expect(loadRecording(join(folder, 'none.wav'))).rejects.toThrow('none.wav');
  });
});
