import type { Blob } from '@parley/event';
import { LIVE_FOLDER, type LiveBlobContents, type LiveBlobTake } from './live-blob-file.js';
import { crc32, storedZip, type ZipEntry } from './live-blob-zip.js';

const MAX_FRAMES = 600;
const MAX_BYTES = 100 * 1024 * 1024;

interface Frame extends ZipEntry {
  readonly mimeType: string;
}

export function isFrame({ mimeType }: Blob): boolean {
  return /^(image|video)\//i.test(mimeType);
}

/**
 * One side's pictures on their way to a file: a single one as it is, several as an archive with a `manifest.json`.
 * At most 600 frames and 100 MiB. [src: adk-python live/_cache_manager.py]
 */
export class LiveBlobFrames implements LiveBlobTake {
  readonly firstChunkMs: number;
  readonly #kind: 'input_media' | 'output_media';
  readonly #frames: Frame[] = [];
  #byteLength = 0;

  constructor(kind: 'input_media' | 'output_media', nowMs: number) {
    this.#kind = kind;
    this.firstChunkMs = nowMs;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get filename(): string {
    const [first] = this.#frames;
    const extension = first && this.#frames.length === 1 ? extensionOf(first.mimeType) : 'zip';
    return `${LIVE_FOLDER}/adk_live_media_storage_${this.#kind}_${this.firstChunkMs}.${extension}`;
  }

  add({ mimeType, data }: Blob, nowMs: number): boolean {
    const isFull = this.#frames.length >= MAX_FRAMES || this.#byteLength + data.byteLength > MAX_BYTES;
    if (isFull && this.#frames.length > 0) return false;
    const number = String(this.#frames.length + 1).padStart(4, '0');
    const name = `frame_${number}_${nowMs}.${extensionOf(mimeType)}`;
    const bytes = data.slice();
    this.#frames.push({ name, mimeType, bytes, crc32: crc32(bytes), modifiedMs: nowMs });
    this.#byteLength += bytes.byteLength;
    return true;
  }

  file(): LiveBlobContents {
    const [first] = this.#frames;
    if (first && this.#frames.length === 1) {
      const { mimeType, bytes } = first;
      return { mimeType, data: bytes, metadata: this.#summary('single_media_frame') };
    }
    const summary = this.#summary('video_frame_sequence');
    const frames = this.#frames.map(({ name, mimeType, bytes, modifiedMs }) => ({
      name,
      mimeType,
      sizeBytes: bytes.byteLength,
      timestamp: modifiedMs,
    }));
    const manifest = new TextEncoder().encode(JSON.stringify({ ...summary, frames }, undefined, 2));
    const data = storedZip([
      { name: 'manifest.json', bytes: manifest, crc32: crc32(manifest), modifiedMs: this.firstChunkMs },
      ...this.#frames,
    ]);
    return { mimeType: 'application/zip', data, metadata: summary };
  }

  #summary(type: 'single_media_frame' | 'video_frame_sequence'): Readonly<Record<string, unknown>> {
    return {
      type,
      frameCount: this.#frames.length,
      totalBytes: this.#byteLength,
      mimeTypes: [...new Set(this.#frames.map(({ mimeType }) => mimeType))],
      startTimestamp: this.firstChunkMs,
      endTimestamp: this.#frames.at(-1)?.modifiedMs ?? this.firstChunkMs,
    };
  }
}

function extensionOf(mimeType: string): string {
  const subtype = /^\w+\/([a-z0-9]+)/i.exec(mimeType)?.[1]?.toLowerCase() ?? 'bin';
  return subtype === 'jpeg' ? 'jpg' : subtype;
}
