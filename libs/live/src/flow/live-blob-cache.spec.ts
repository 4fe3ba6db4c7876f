import { readWavPcm16 } from '@parley/audio';
import type { Blob, Part } from '@parley/event';
import { ManualClock, settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import type { ArtifactKey, ArtifactService } from '../artifact/artifact-service.js';
import { parseArtifactUri } from '../artifact/artifact-uri.js';
import { InMemoryArtifactService } from '../artifact/in-memory-artifact-service.js';
import { unzip } from '../testing/unzip.js';
import { LiveBlobCache, type LiveBlobFile } from './live-blob-cache.js';

const KEY = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's' };
const pcm = (bytes: number, rateHz = 16_000, fill = 1): Blob => ({
  mimeType: `audio/pcm;rate=${rateHz}`,
  data: new Uint8Array(bytes).fill(fill),
});
const image = (fill: number, mimeType = 'image/jpeg', bytes = 4): Blob => ({
  mimeType,
  data: new Uint8Array(bytes).fill(fill),
});

interface Rig {
  readonly clock: ManualClock;
  readonly cache: LiveBlobCache;
  readonly artifacts: InMemoryArtifactService;
  readonly failures: string[];
  agentName: string;
  load(file: LiveBlobFile | undefined): Promise<Blob | undefined>;
}

function rig(service?: Partial<ArtifactService>): Rig {
  const clock = new ManualClock();
  const artifacts = new InMemoryArtifactService({ clock });
  const failures: string[] = [];
  const made: Rig = {
    clock,
    artifacts,
    failures,
    agentName: 'greeter',
    cache: new LiveBlobCache({
      artifacts: (service as ArtifactService | undefined) ?? artifacts,
      key: KEY,
      agentName: () => made.agentName,
      clock,
      onFailure: (_error, filename) => failures.push(filename),
    }),
    async load(file) {
      const named = parseArtifactUri(file?.fileUri ?? '');
      if (!named) throw new Error('the URI is not understood');
      return (await artifacts.loadArtifact({ tenantId: 't', ...named }, named.version))?.inlineData;
    },
  };
  return made;
}

describe('LiveBlobCache', () => {
  it('keeps both sides as files, which are told once (C6)', async () => {
    const { clock, cache, load } = rig();
    const startMs = clock.nowMs();
    cache.input(pcm(4, 16_000, 1));
    await clock.advance(100);
    cache.output(pcm(6, 24_000, 2));
    cache.input(pcm(2, 16_000, 3));
    const files = await cache.flush('all');
    expect(files).toMatchObject([
      { author: 'user', role: 'user', mimeType: 'audio/wav', timestamp: startMs },
      { author: 'greeter', role: 'model', mimeType: 'audio/wav', timestamp: startMs + 100 },
    ]);
    expect(files.map(({ artifactDelta }) => artifactDelta)).toEqual([
      { [`_adk_live/adk_live_audio_storage_input_audio_${startMs}.wav`]: 0 },
      { [`_adk_live/adk_live_audio_storage_output_audio_${startMs + 100}.wav`]: 0 },
    ]);
    const wav = await load(files[0]);
    expect(readWavPcm16(wav?.data ?? new Uint8Array())).toEqual({
      rateHz: 16_000,
      pcm16: new Uint8Array([1, 1, 1, 1, 3, 3]),
    });
    expect(await cache.flush('all')).toEqual([]);
  });

  it("ends only the model's files when it is interrupted, the user's with the turn (C7)", async () => {
    const { cache } = rig();
    cache.input(pcm(2));
    cache.output(pcm(2, 24_000));
    expect((await cache.flush('model')).map(({ role }) => role)).toEqual(['model']);
    cache.input(pcm(2));
    expect((await cache.flush('all')).map(({ role }) => role)).toEqual(['user']);
  });

  it.each([8_000, 16_000, 24_000, 48_000])(
    'gives a file its own rate: %i Hz, under a URI that is its name (C9)',
    async (rateHz) => {
      const { cache, artifacts, load } = rig();
      cache.output(pcm(2 * rateHz, rateHz));
      const [file] = await cache.flush('model');
      const wav = readWavPcm16((await load(file))?.data ?? new Uint8Array());
      expect([wav.rateHz, wav.pcm16.length]).toEqual([rateHz, 2 * rateHz]);
      const [name] = await artifacts.listArtifactKeys(KEY);
      expect(parseArtifactUri(file?.fileUri ?? '')?.filename).toBe(name);
      const [version] = await artifacts.listVersions({ ...KEY, filename: name ?? '' });
      expect(version?.customMetadata).toEqual({ type: 'output_audio', rateHz, durationMs: 1_000 });
    },
  );

  it('begins a new file when the rate or the agent changes, and puts no chunk in the wrong one', async () => {
    const made = rig();
    const { cache, load } = made;
    cache.output(pcm(2, 24_000, 1));
    cache.output(pcm(2, 16_000, 2));
    made.agentName = 'guide';
    cache.output(pcm(2, 16_000, 3));
    cache.output({ mimeType: 'audio/pcm', data: new Uint8Array([4, 4]) });
    const files = await cache.flush('model');
    expect(files.map(({ author }) => author)).toEqual(['greeter', 'greeter', 'guide', 'guide']);
    const heard = await Promise.all(files.map(load));
    expect(heard.map((wav) => readWavPcm16(wav?.data ?? new Uint8Array()).pcm16[0])).toEqual([1, 2, 3, 4]);
  });

  it('keeps a single picture as it is, and several as an archive with a manifest', async () => {
    const { clock, cache, artifacts, load } = rig();
    const startMs = clock.nowMs();
    cache.input(image(7, 'image/png'));
    const [single] = await cache.flush('all');
    expect(await load(single)).toEqual(image(7, 'image/png'));
    expect(single?.fileUri).toContain(`adk_live_media_storage_input_media_${startMs}.png`);
    for (let n = 0; n < 3; n++) {
      cache.input(image(n));
      await clock.advance(2_000);
    }
    const [sequence] = await cache.flush('all');
    expect(sequence).toMatchObject({ mimeType: 'application/zip', author: 'user', timestamp: startMs });
    const archive = unzip((await load(sequence))?.data ?? new Uint8Array());
    expect(archive.slice(1).map(({ bytes }) => bytes[0])).toEqual([0, 1, 2]);
    expect(archive.map(({ modifiedMs }) => modifiedMs - startMs)).toEqual([0, 0, 2_000, 4_000]);
    const manifest = JSON.parse(new TextDecoder().decode(archive[0]?.bytes)) as Record<string, unknown>;
    expect(manifest).toMatchObject({ type: 'video_frame_sequence', frameCount: 3, totalBytes: 12 });
    expect(manifest['frames']).toMatchObject(
      archive
        .slice(1)
        .map(({ name, modifiedMs }) => ({ name, timestamp: modifiedMs, mimeType: 'image/jpeg' })),
    );
    const types = await Promise.all(
      (await artifacts.listArtifactKeys(KEY)).map(
        async (filename) => (await artifacts.listVersions({ ...KEY, filename }))[0]?.customMetadata['type'],
      ),
    );
    expect(types.sort()).toEqual(['single_media_frame', 'video_frame_sequence']);
  });

  it('makes a file of what is there when it is full, and loses nothing', async () => {
    const { cache, load } = rig();
    const minute = pcm(16_000 * 2 * 60);
    for (let n = 0; n < 11; n++) cache.input(minute);
    for (let n = 0; n < 601; n++) cache.input(image(1));
    const files = await cache.flush('all');
    const sizes = await Promise.all(
      files.map(async (file) => {
        const data = (await load(file))?.data ?? new Uint8Array();
        if (file.mimeType === 'audio/wav')
          return `${readWavPcm16(data).pcm16.length / minute.data.length} min`;
        return file.mimeType === 'application/zip' ? `${unzip(data).length - 1} frames` : 'a frame';
      }),
    );
    expect(sizes.sort()).toEqual(['1 min', '5 min', '5 min', '600 frames', 'a frame']);
    expect(cache.counts).toEqual({ savedFiles: 5, failedFiles: 0, lostBytes: 0, ignoredChunks: 0 });
  });

  it('reports a file that can not be saved, and goes on (C6)', async () => {
    let away = true;
    const saved: string[] = [];
    const { cache, failures } = rig({
      saveArtifact: async (key: ArtifactKey, _part: Part) => {
        if (away) throw new Error('the disk is full');
        return saved.push(key.filename) - 1;
      },
    });
    cache.input(pcm(4));
    expect(await cache.flush('all')).toEqual([]);
    away = false;
    cache.input(pcm(4));
    expect(await cache.flush('all')).toHaveLength(1);
    expect(failures).toHaveLength(1);
    expect(cache.counts).toMatchObject({ savedFiles: 1, failedFiles: 1, lostBytes: 4 });
  });

  it('waits for no store that never answers, and holds no more than its bound', async () => {
    const { clock, cache, failures } = rig({ saveArtifact: () => new Promise(() => undefined) });
    const tenMinutes = pcm(9 * 1024 * 1024, 48_000);
    for (let n = 0; n < 16; n++) cache.output(tenMinutes);
    expect(failures).toHaveLength(1);
    let files: readonly LiveBlobFile[] | undefined;
    void cache.flush('model').then((told) => (files = told));
    await clock.advance(29_000);
    expect(files).toBeUndefined();
    await clock.advance(15 * 30_000);
    await settle();
    expect(files).toEqual([]);
    expect(failures).toHaveLength(16);
    expect(cache.counts).toMatchObject({ savedFiles: 0, failedFiles: 16 });
  });

  it('counts what it can not keep', async () => {
    const { cache } = rig();
    cache.input({ mimeType: 'audio/ogg', data: new Uint8Array(4) });
    cache.output({ mimeType: 'application/pdf', data: new Uint8Array(4) });
    cache.output({ mimeType: 'audio/pcm;rate=0', data: new Uint8Array(4) });
    expect(await cache.flush('all')).toEqual([]);
    expect(cache.counts.ignoredChunks).toBe(3);
  });
});
