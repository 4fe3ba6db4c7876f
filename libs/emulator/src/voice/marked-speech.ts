import { VOICE_RATE_HZ, type SpokenSentence, type SpokenWord } from './voice.js';
import { watermarkSamples, writeWatermark } from './watermark.js';

const UNITS_PER_SECOND = 25;

/**
 * Pads `samples` to whole 40 ms units and hides each word at the place where it is spoken. Words too short to
 * hold their own record share one with the next.
 */
export function markSpeech(
  samples: Int16Array,
  words: readonly SpokenWord[],
  rateHz = VOICE_RATE_HZ,
): SpokenSentence {
  const unitSamples = rateHz / UNITS_PER_SECOND;
  const padded = new Int16Array(Math.max(1, Math.ceil(samples.length / unitSamples)) * unitSamples);
  padded.set(samples);
  const startOf = (index: number): number => words[index]?.startSample ?? padded.length;
  let next = 0;
  while (next < words.length) {
    const start = startOf(next);
    let text = words[next]?.text ?? '';
    next += 1;
    while (next < words.length && start + watermarkSamples(text) > startOf(next)) {
      text += ` ${words[next]?.text ?? ''}`;
      next += 1;
    }
    const durationMs = ((startOf(next) - start) * 1000) / rateHz;
    const room = padded.length - watermarkSamples(text);
    writeWatermark(padded, Math.max(0, Math.min(start, room)), { text, durationMs });
  }
  return { samples: padded, words };
}

/** Where each word begins when speech between `from` and `to` is shared out by the number of letters. */
export function spreadWords(sentence: string, from: number, to: number): SpokenWord[] {
  const texts = sentence.split(/\s+/).filter((word) => word !== '');
  const weights = texts.map((text) => text.length + 2);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return texts.map((text, index) => {
    const startSample = Math.floor(from + ((to - from) * before) / whole);
    before += weights[index] ?? 0;
    return { text, startSample };
  });
}
