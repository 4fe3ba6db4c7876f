import { ParleyError } from '@parley/kernel';
import { float32ToPcm16 } from './pcm16.js';

export interface WavAudio {
  readonly rateHz: number;
  /** Mono, −1…1; the channels of a stereo file are averaged. */
  readonly samples: Float32Array<ArrayBuffer>;
}

const INTEGER_PCM = 1;
const FLOAT_PCM = 3;
/** The real format tag then stands in the first two bytes of the sub-format, 24 bytes into the chunk. */
const EXTENSIBLE = 0xfffe;

interface WavFormat {
  readonly tag: number;
  readonly channels: number;
  readonly rateHz: number;
  readonly bits: number;
}

/**
 * Reads integer PCM of 8, 16, 24 or 32 bits or 32-bit float, mono or stereo. Chunks other than `fmt ` and
 * `data` are skipped, and a data chunk that claims more than the file holds (as streaming writers leave it) is
 * read to the end of the file. Throws `ParleyError` `unsupported_audio` for anything else.
 */
export function readWav(file: Uint8Array): WavAudio {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || readTag(view, 0) !== 'RIFF' || readTag(view, 8) !== 'WAVE') {
    throw unsupported('This is not a WAV file.');
  }
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const tag = readTag(view, at);
    const body = at + 8;
    const length = Math.min(view.getUint32(at + 4, true), file.length - body);
    if (tag === 'fmt ') format = readFormat(view, body, length);
    if (tag === 'data') {
      if (!format) throw unsupported('The WAV file has audio before its format.');
      return { rateHz: format.rateHz, samples: readSamples(view, body, length, format) };
    }
    at = body + length + (length % 2);
  }
  throw unsupported('The WAV file has no audio.');
}

/** The same as PCM16; exact when the file is 16-bit mono. */
export function readWavPcm16(file: Uint8Array): {
  readonly rateHz: number;
  readonly pcm16: Uint8Array<ArrayBuffer>;
} {
  const { rateHz, samples } = readWav(file);
  return { rateHz, pcm16: float32ToPcm16(samples) };
}

function readFormat(view: DataView, at: number, length: number): WavFormat {
  if (length < 16) throw unsupported('The format of the WAV file is cut short.');
  const tag = view.getUint16(at, true);
  const format: WavFormat = {
    tag: tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : tag,
    channels: view.getUint16(at + 2, true),
    rateHz: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  };
  const known =
    (format.tag === INTEGER_PCM && [8, 16, 24, 32].includes(format.bits)) ||
    (format.tag === FLOAT_PCM && format.bits === 32);
  if (!known || format.channels < 1 || format.channels > 2 || format.rateHz === 0) {
    throw unsupported('This kind of WAV file is not supported.', { ...format });
  }
  return format;
}

function readSamples(
  view: DataView,
  at: number,
  length: number,
  format: WavFormat,
): Float32Array<ArrayBuffer> {
  const { channels } = format;
  const read = sampleReader(view, format);
  const step = format.bits / 8;
  const samples = new Float32Array(Math.floor(length / (step * channels)));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(at + (i * channels + channel) * step);
    samples[i] = sum / channels;
  }
  return samples;
}

/** Reads the sample that begins at a byte, −1…1. */
function sampleReader(view: DataView, { tag, bits }: WavFormat): (at: number) => number {
  if (tag === FLOAT_PCM) return (at) => view.getFloat32(at, true);
  switch (bits) {
    case 8:
      return (at) => (view.getUint8(at) - 128) / 128; // the only width that is unsigned
    case 16:
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 24:
      return (at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 2 ** 23;
    default:
      return (at) => view.getInt32(at, true) / 2 ** 31;
  }
}

function readTag(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  );
}

function unsupported(message: string, details: Readonly<Record<string, unknown>> = {}): ParleyError {
  return new ParleyError('unsupported_audio', message, { kind: 'invalid_argument', details });
}
