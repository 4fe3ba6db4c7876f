import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { rmsDbfs, writeWav } from '@parley/audio';
import { REPLY_RATE_HZ, type ReplyTape } from './reply-tape.js';

export interface WrittenReply {
  readonly file: string;
  readonly durationMs: number;
  readonly levelDbfs: number;
  /** Root mean square, 0…1. */
  readonly rms: number;
}

/** Writes the agent's speech as WAV, 24 kHz mono. */
export async function writeReply(file: string, tape: ReplyTape): Promise<WrittenReply> {
  const pcm16 = tape.pcm16();
  await writeFile(file, writeWav(pcm16, REPLY_RATE_HZ));
  const levelDbfs = rmsDbfs(pcm16);
  return {
    file,
    durationMs: Math.round(tape.durationMs),
    levelDbfs,
    rms: pcm16.byteLength === 0 ? 0 : 10 ** (levelDbfs / 20),
  };
}

export function describeReply(reply: WrittenReply): string {
  if (reply.durationMs === 0) return `${reply.file}: the agent said nothing`;
  const length = (reply.durationMs / 1000).toFixed(2);
  return `${reply.file}: ${length} s, RMS ${reply.rms.toFixed(4)} (${reply.levelDbfs.toFixed(1)} dBFS)`;
}

/** `reply.wav` of caller 2 is `reply-2.wav`. */
export function numberedFile(file: string, number: number): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${number}${extension}`;
}
