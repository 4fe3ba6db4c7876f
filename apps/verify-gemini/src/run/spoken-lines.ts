import { readFile } from 'node:fs/promises';
import { createResampler, pcm16ByteLength, readWavPcm16, SpeechEnergy } from '@parley/audio';
import { silentLog } from '@parley/kernel';
import { openSpeechEngine } from '@parley/speech';
import { SPEECH_RATE_HZ } from '../wire/wire-session.js';

/** The fixed sentences that checks speak. */
export const SENTENCES = {
  hello: 'Hello, my name is Alice and my favourite colour is green.',
  question: 'What is my name?',
} as const;

export type SentenceName = keyof typeof SENTENCES;

/** PCM16 mono 16 kHz, cut to the speech with little silence around it. */
export type SpokenLines = Readonly<Record<SentenceName, Uint8Array>>;

const RECORDINGS: Readonly<Record<SentenceName, string>> = {
  hello: 'hello-my-name.wav',
  question: 'what-is-my-name.wav',
};

const NAMES: readonly SentenceName[] = ['hello', 'question'];
const VOICE = 'rms';
const MARGIN_MS = 120;

/**
 * The sentences as recordings from `folder`, which local speech has made: the same sound in every run. Where they are
 * not to be had, local speech says them; undefined when there is none.
 */
export async function loadSpokenLines(folder: string): Promise<SpokenLines | undefined> {
  try {
    return await linesBy((name) => readFile(`${folder}/${RECORDINGS[name]}`).then(readWavPcm16));
  } catch {
    return synthesizedLines();
  }
}

export function silence(durationMs: number): Uint8Array {
  return new Uint8Array(pcm16ByteLength(durationMs, SPEECH_RATE_HZ));
}

async function synthesizedLines(): Promise<SpokenLines | undefined> {
  let engine;
  try {
    engine = await openSpeechEngine({ threads: 1, log: silentLog });
    const { synthesize } = engine;
    const speak = synthesize.bind(engine);
    return await linesBy(async (name) => ({ rateHz: 24_000, pcm16: await speak(SENTENCES[name], VOICE) }));
  } catch {
    return undefined;
  } finally {
    await engine?.close();
  }
}

async function linesBy(
  source: (name: SentenceName) => Promise<{ readonly rateHz: number; readonly pcm16: Uint8Array }>,
): Promise<SpokenLines> {
  const lines: Partial<Record<SentenceName, Uint8Array>> = {};
  for (const name of NAMES) {
    const { pcm16, rateHz } = await source(name);
    const resampler = await createResampler(rateHz, SPEECH_RATE_HZ);
    lines[name] = trimmed(Buffer.concat([resampler.push(pcm16), resampler.flush()]));
  }
  const { hello = silence(0), question = silence(0) } = lines;
  return { hello, question };
}

function trimmed(pcm16: Uint8Array): Uint8Array {
  const energy = new SpeechEnergy({ rateHz: SPEECH_RATE_HZ });
  const edges = [...energy.push(pcm16), ...energy.flush()];
  const startMs = edges.find(({ kind }) => kind === 'start')?.atMs ?? 0;
  const endMs = edges.findLast(({ kind }) => kind === 'end')?.atMs ?? Number.POSITIVE_INFINITY;
  const from = pcm16ByteLength(Math.max(0, startMs - MARGIN_MS), SPEECH_RATE_HZ);
  const to = Math.min(pcm16.length, pcm16ByteLength(Math.min(endMs + MARGIN_MS, 1e6), SPEECH_RATE_HZ));
  return pcm16.subarray(from, to);
}
