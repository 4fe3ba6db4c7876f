/**
 * Audio and images on their way up, without `JSON.stringify`: escaping a base64 text is most of what a chunk costs,
 * and base64 has nothing to escape. The frames are the SDK's own, byte for byte (`verifySdkContract` compares them).
 */
const AUDIO_OPENING = '{"realtimeInput":{"audio":{"data":"';
const IMAGE_OPENING = '{"realtimeInput":{"video":{"data":"';

const DEFAULT_RATE_HZ = 16_000;
const BYTES_PER_SAMPLE = 2;

/** What one MIME type means for a chunk; made once and reused for every chunk of a microphone or camera. */
export interface RealtimeFormat {
  readonly mimeType: string;
  readonly opening: string;
  readonly closing: string;
  /** Undefined for images. */
  readonly audioBytesPerMs: number | undefined;
}

/** Undefined when `mimeType` is neither audio nor image, or holds what would need escaping. */
export function realtimeFormat(mimeType: string): RealtimeFormat | undefined {
  const kind = /^(audio|image)\/[\w.+-]+(?:;\s?[\w.+-]+=[\w.+-]+)*$/.exec(mimeType)?.[1];
  if (kind === undefined) return undefined;
  const rateHz = Number(/;\s?rate=(\d+)/.exec(mimeType)?.[1] ?? 0) || DEFAULT_RATE_HZ;
  return {
    mimeType,
    opening: kind === 'audio' ? AUDIO_OPENING : IMAGE_OPENING,
    closing: `","mimeType":"${mimeType}"}}}`,
    audioBytesPerMs: kind === 'audio' ? (rateHz * BYTES_PER_SAMPLE) / 1_000 : undefined,
  };
}

/** One text frame: `{"realtimeInput":{"audio":{"data":…,"mimeType":…}}}`, or `video` for an image. */
export function realtimeFrame(media: Uint8Array, format: RealtimeFormat): string {
  const data = Buffer.from(media.buffer, media.byteOffset, media.byteLength).toString('base64');
  return format.opening + data + format.closing;
}
