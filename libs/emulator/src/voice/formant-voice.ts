import { markSpeech } from './marked-speech.js';
import { VOICE_RATE_HZ, type SpokenSentence, type SpokenWord, type Voice, type VoiceBank } from './voice.js';

/**
 * A synthetic voice that needs no package: syllables of a pulse train through three resonators, led by a burst of
 * noise. It can't be understood, but it sounds and measures like speech (pitch, formants, 4–5 syllables a second,
 * pauses), and the words ride along as watermark.
 *
 * 1. Deterministic: the same voice name and sentence give the same samples, on any machine.
 * 2. A word always maps to the same syllables; those are made once per voice and kept.
 */
export class FormantVoice implements Voice {
  readonly #pitchHz: number;
  readonly #tract: number;
  readonly #syllables = new Map<number, Int16Array>();

  constructor(voiceName: string) {
    const hash = hashOf(voiceName);
    this.#pitchHz = 95 + (hash % 130);
    this.#tract = 0.9 + ((hash >>> 8) % 25) / 100;
  }

  speak(sentence: string): Promise<SpokenSentence> {
    const { samples, words } = this.render(sentence);
    return Promise.resolve(markSpeech(samples, words));
  }

  /** The speech without its watermark. */
  render(sentence: string): SpokenSentence {
    const words: SpokenWord[] = [];
    const pieces: Int16Array[] = [];
    let length = 0;
    const append = (piece: Int16Array): void => {
      pieces.push(piece);
      length += piece.length;
    };
    for (const text of sentence.split(/\s+/)) {
      if (text === '') continue;
      words.push({ text, startSample: length });
      const hash = hashOf(text.toLowerCase());
      for (let i = 0; i < syllableCount(text); i++) append(this.#syllable(((hash >>> i) + 7 * i) % SHAPES));
      append(/[.!?…]$/.test(text) ? SENTENCE_PAUSE : /[,;:]$/.test(text) ? CLAUSE_PAUSE : WORD_PAUSE);
    }
    const samples = new Int16Array(length);
    let at = 0;
    for (const piece of pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    return { samples, words };
  }

  #syllable(shape: number): Int16Array {
    let samples = this.#syllables.get(shape);
    if (!samples) {
      samples = renderSyllable(shape, this.#pitchHz, this.#tract);
      this.#syllables.set(shape, samples);
    }
    return samples;
  }
}

/** Formant voices by name, each made once. */
export function formantVoices(): VoiceBank {
  const voices = new Map<string, FormantVoice>();
  return (voiceName = 'Puck') => {
    let voice = voices.get(voiceName);
    if (!voice) {
      voice = new FormantVoice(voiceName);
      voices.set(voiceName, voice);
    }
    return voice;
  };
}

const SHAPES = 24;
const CLAUSE_PAUSE = new Int16Array(VOICE_RATE_HZ * 0.12);
const SENTENCE_PAUSE = new Int16Array(VOICE_RATE_HZ * 0.2);
const WORD_PAUSE = new Int16Array(VOICE_RATE_HZ * 0.03);

/** First three formants in Hz of some vowels. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [530, 1840, 2480],
  [570, 840, 2410],
  [300, 870, 2240],
  [640, 1190, 2390],
] as const;

function syllableCount(word: string): number {
  return Math.max(1, Math.min(6, word.match(/[aeiouy0-9]+/gi)?.length ?? 1));
}

function renderSyllable(shape: number, pitchHz: number, tract: number): Int16Array {
  const vowel = VOWELS[shape % VOWELS.length] ?? VOWELS[0];
  const length = Math.floor(VOICE_RATE_HZ * (0.15 + (shape % 4) * 0.025));
  const burst = Math.floor(VOICE_RATE_HZ * 0.02);
  const resonators = vowel.map((hz, index) => new Resonator(hz * tract, 70 + 40 * index));
  const wave = new Float64Array(length);
  let phase = 0;
  let noise = 0x1234_5678 ^ shape;
  let peak = 1e-9;
  for (let i = 0; i < length; i++) {
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
    const hiss = noise / 0x8000_0000 - 1;
    // The pitch falls a little over the syllable, as in speech.
    phase += (pitchHz * (1.06 - (0.12 * i) / length)) / VOICE_RATE_HZ;
    const pulse = phase >= 1 ? 1 : 0;
    if (phase >= 1) phase -= 1;
    const source = i < burst ? hiss * 0.3 : pulse + hiss * 0.004;
    let value = 0;
    for (const resonator of resonators) value += resonator.next(source);
    const edge = Math.min(1, i / 240, (length - i) / 720);
    wave[i] = value * edge;
    peak = Math.max(peak, Math.abs(wave[i] ?? 0));
  }
  return Int16Array.from(wave, (value) => Math.round((value / peak) * 9_000));
}

/** A two-pole resonance. */
class Resonator {
  readonly #b: number;
  readonly #c: number;
  readonly #a: number;
  #last = 0;
  #before = 0;

  constructor(hz: number, bandwidthHz: number) {
    const radius = Math.exp((-Math.PI * bandwidthHz) / VOICE_RATE_HZ);
    this.#c = -radius * radius;
    this.#b = 2 * radius * Math.cos((2 * Math.PI * hz) / VOICE_RATE_HZ);
    this.#a = 1 - this.#b - this.#c;
  }

  next(input: number): number {
    const output = this.#a * input + this.#b * this.#last + this.#c * this.#before;
    this.#before = this.#last;
    this.#last = output;
    return output;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193) >>> 0;
  return hash;
}
