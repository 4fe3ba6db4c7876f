import { describe, expect, it } from 'vitest';
import { silence, speech } from '@parley-testing/emulator';
import { FormantVoice } from './formant-voice.js';
import { VOICE_RATE_HZ } from './voice.js';
import { readWatermark, samplesOf, watermarkSamples, WatermarkReader, writeWatermark } from './watermark.js';

const SENTENCE = 'Grüße, I am a voice: nobody understands me!';

describe('the watermark', () => {
  it('gives back the words that were spoken, in order', () => {
    expect(readWatermark(speech(SENTENCE))).toBe(SENTENCE);
    expect(
      readWatermark(Buffer.concat([silence(70), speech('One two.'), silence(33), speech('Three.')])),
    ).toBe('One two. Three.');
  });

  it('survives being cut into pieces of any size', () => {
    const samples = samplesOf(speech(SENTENCE));
    const reader = new WatermarkReader();
    const words: string[] = [];
    for (let at = 0; at < samples.length; at += 7) {
      words.push(...reader.accept(samples.subarray(at, at + 7)).map(({ text }) => text));
    }
    expect(words.join(' ')).toBe(SENTENCE);
  });

  it('of speech that was cut short tells only the words that were begun', async () => {
    const { samples, words } = await new FormantVoice('Puck').speak('First second third fourth.');
    const third = words[2]?.startSample ?? 0;
    expect(readWatermark(new Uint8Array(samples.buffer, 0, 2 * third))).toBe('First second');
  });

  it('says how long the words last', () => {
    const samples = new Int16Array(2_000);
    expect(writeWatermark(samples, 100, { text: 'hello', durationMs: 321 })).toBe(true);
    expect(new WatermarkReader().accept(samples)).toEqual([{ text: 'hello', durationMs: 321 }]);
  });

  it('is passed over when it is damaged, and does not fit where there is no room', () => {
    const samples = new Int16Array(400);
    writeWatermark(samples, 0, { text: 'hello', durationMs: 1 });
    samples[80] = (samples[80] ?? 0) ^ 1;
    expect(new WatermarkReader().accept(samples)).toEqual([]);
    expect(
      writeWatermark(samples, 400 - watermarkSamples('hello') + 1, { text: 'hello', durationMs: 1 }),
    ).toBe(false);
  });

  it('is not found in speech without one', () => {
    const { samples } = new FormantVoice('Kore').render(SENTENCE.repeat(20));
    expect(new WatermarkReader().accept(samples)).toEqual([]);
  });
});

describe('the synthetic voice', () => {
  it('speaks the same for the same name and words, and otherwise for other names', async () => {
    const speak = async (name: string) =>
      Buffer.from((await new FormantVoice(name).speak(SENTENCE)).samples.buffer);
    expect(await speak('Puck')).toEqual(await speak('Puck'));
    expect(await speak('Puck')).not.toEqual(await speak('Kore'));
  });

  it('speaks some 10 to 18 characters a second, in whole units of 40 ms', async () => {
    const text = 'It takes about as long as a person would need to say these words aloud.';
    const { samples } = await new FormantVoice('Puck').speak(text);
    const seconds = samples.length / VOICE_RATE_HZ;
    expect(text.length / seconds).toBeGreaterThan(10);
    expect(text.length / seconds).toBeLessThan(18);
    expect(samples.length % 960).toBe(0);
  });
});
