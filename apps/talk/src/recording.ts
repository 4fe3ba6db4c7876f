import { readFile } from 'node:fs/promises';
import { createResampler, pcm16DurationMs, readWavPcm16, SpeechEnergy } from '@parley/audio';
import { ParleyError } from '@parley/kernel';

export const SPEECH_RATE_HZ = 16_000;

/** What a caller says: PCM16 mono 16 kHz. */
export interface Recording {
  readonly pcm16: Uint8Array;
  readonly durationMs: number;
  /** Where the last word ends; the whole length when there is none. */
  readonly speechEndMs: number;
}

/** Reads a WAV file of any rate. Rejects with a message that names the file. */
export async function loadRecording(file: string): Promise<Recording> {
  const { rateHz, pcm16: original } = readWavPcm16(await readBytes(file));
  const resampler = await createResampler(rateHz, SPEECH_RATE_HZ);
  const body = resampler.push(original);
  const tail = resampler.flush();
  const pcm16 = new Uint8Array(body.byteLength + tail.byteLength);
  pcm16.set(body);
  pcm16.set(tail, body.byteLength);
  const durationMs = pcm16DurationMs(pcm16.byteLength, SPEECH_RATE_HZ);
  return { pcm16, durationMs, speechEndMs: endOfSpeech(pcm16) ?? durationMs };
}

function endOfSpeech(pcm16: Uint8Array): number | undefined {
  const energy = new SpeechEnergy({ rateHz: SPEECH_RATE_HZ });
  return [...energy.push(pcm16), ...energy.flush()].findLast((edge) => edge.kind === 'end')?.atMs;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ParleyError('not_found', `The recording ${file} cannot be read.`, { kind: 'not_found', cause });
  }
}
