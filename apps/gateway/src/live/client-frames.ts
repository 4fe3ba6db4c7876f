import { ParleyError } from '@parley/kernel';
import {
  checkClientFrame,
  decodeFrame,
  encodeFrame,
  FRAME_CODEC,
  FRAME_KIND,
  type ClientMessage,
  type FrameProblem,
  type MediaFrame,
} from '@parley/wire';

/** A frame as it goes up, and as it is. */
export interface CheckedFrame {
  readonly frame: MediaFrame;
  readonly bytes: Uint8Array;
}

/** Media that came as a binary message. Throws `ParleyError` with a `FrameProblem` as its code. */
export function frameOfBytes(bytes: Uint8Array): CheckedFrame {
  const frame = decodeFrame(bytes);
  if (typeof frame === 'string') throw frameError(frame);
  return checked(frame, bytes);
}

/** Media that came as base64 in a message; throws as `frameOfBytes`. */
export function frameOfMessage(message: Extract<ClientMessage, { type: 'audio' | 'image' }>): CheckedFrame {
  const media =
    message.type === 'audio'
      ? { kind: FRAME_KIND.mic, codec: audioCodec(message.mimeType) }
      : { kind: FRAME_KIND.video, codec: IMAGE_CODECS[message.mimeType] };
  const frame: MediaFrame = { ...media, flags: 0, turn: 0, seq: 0, tsMs: 0, payload: message.data };
  return checked(frame, encodeFrame(frame));
}

const FRAME_PROBLEMS: Readonly<Record<FrameProblem, string>> = {
  malformed_frame:
    'The frame is not valid: see the header in docs/protocol.md; PCM16 has an even number of bytes.',
  unsupported_version: 'The frame has another version than 1.',
  unsupported_audio: 'Send PCM16 mono at 16,000 Hz, or JPEG, PNG or WebP images.',
  frame_too_large: 'The message is too large: at most 200 ms and 16 KiB of audio, 256 KiB of anything.',
};

export function frameError(problem: FrameProblem): ParleyError {
  return new ParleyError(problem, FRAME_PROBLEMS[problem], { kind: 'invalid_argument' });
}

const IMAGE_CODECS = {
  'image/jpeg': FRAME_CODEC.jpeg,
  'image/png': FRAME_CODEC.png,
  'image/webp': FRAME_CODEC.webp,
} as const;

function checked(frame: MediaFrame, bytes: Uint8Array): CheckedFrame {
  const problem = checkClientFrame(frame);
  if (problem) throw frameError(problem);
  return { frame, bytes };
}

function audioCodec(mimeType: string): MediaFrame['codec'] {
  if (/^audio\/(pcm|l16)\s*(;\s*rate=16000)?$/i.test(mimeType)) return FRAME_CODEC.pcm16at16k;
  throw frameError('unsupported_audio');
}
