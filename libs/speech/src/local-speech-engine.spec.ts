import { readFile } from 'node:fs/promises';
import { createResampler, pcm16DurationMs, readWavPcm16, SpeechEnergy } from '@parley/audio';
import { join } from '@parley-testing/audio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSpeechEngine } from './local-speech-engine.js';
import type { SpeechEngine } from './speech-engine.js';
import { scriptedThread } from './testing/scripted-thread.js';

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url);

async function at16k(pcm16: Uint8Array, rateHz: number): Promise<Uint8Array> {
  const resampler = await createResampler(rateHz, 16_000);
  return join([resampler.push(pcm16), resampler.flush()]);
}

async function fixture(name: string): Promise<Uint8Array> {
  const { pcm16, rateHz } = readWavPcm16(await readFile(new URL(name, FIXTURES)));
  return at16k(pcm16, rateHz);
}

/** Lower case, American spelling, no punctuation. */
function words(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('our', 'or')
      .match(/[a-z]+/g) ?? []
  );
}

describe('the local speech engine with its models', () => {
  let engine: SpeechEngine;
  beforeAll(async () => {
    engine = await openSpeechEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  it('has loaded everything', () => {
    expect(engine.capabilities).toEqual({
      vad: { available: true, engine: 'silero-vad-v5' },
      transcription: { available: true, engine: 'moonshine-tiny' },
      synthesis: { available: true, engine: 'flite' },
    });
  });

  it.each(['Kore', 'Puck', 'Charon', 'Aoede', 'Zephyr', 'Fenrir', 'Umbriel', 'no such voice'])(
    'understands what it says with the voice %s',
    async (voice) => {
      const sentence = 'Hello, how can I help you today?';
      const audio = await engine.synthesize(sentence, voice);
      expect(pcm16DurationMs(audio.length, 24_000)).toBeGreaterThan(1500);
      const heard = words(await engine.transcribe(await at16k(audio, 24_000)));
      const right = words(sentence).filter((word) => heard.includes(word));
      expect(right.length).toBeGreaterThanOrEqual(0.8 * words(sentence).length);
    },
  );

  it.each([
    ['hello-my-name.wav', 'Hello, my name is Alice and my favourite colour is green.'],
    ['weather-paris.wav', 'What is the weather in Paris tomorrow?'],
    ['what-is-my-name.wav', 'What is my name?'],
  ])('understands the fixture %s', async (file, sentence) => {
    expect(words(await engine.transcribe(await fixture(file)))).toEqual(words(sentence));
  });

  it('finds and understands both sentences of the barge-in fixture', async () => {
    const recording = await fixture('barge-in.wav');
    const edges = new SpeechEnergy({ rateHz: 16_000 }).push(recording);
    const borders = edges.map(({ atMs }) => atMs);
    expect(edges.map(({ kind }) => kind)).toEqual(['start', 'end', 'start', 'end']);
    const sentences: string[] = [];
    for (const [from = 0, to = 0] of [borders.slice(0, 2), borders.slice(2)]) {
      sentences.push(await engine.transcribe(recording.subarray((from - 200) * 32, (to + 200) * 32)));
    }
    expect(sentences.map((sentence) => words(sentence).join(' '))).toEqual([
      'tell me a long story about the sea',
      'stop please wait',
    ]);
  });

  it('tells speech from silence, for each microphone by itself', async () => {
    const recording = await fixture('weather-paris.wav');
    const [speaking, silent] = [engine.openVad(), engine.openVad()];
    const heard: number[] = [];
    let loudestSilence = 0;
    for (let at = 0; at + 1024 <= recording.length; at += 1024) {
      heard.push(await speaking.accept(recording.subarray(at, at + 1024)));
      loudestSilence = Math.max(loudestSilence, await silent.accept(new Uint8Array(1024)));
    }
    const during = (fromMs: number, toMs: number): number[] => heard.slice(fromMs / 32, toMs / 32);
    expect(Math.max(...during(0, 448))).toBeLessThan(0.3);
    const voiced = during(576, 2816).filter((probability) => probability > 0.5);
    expect(voiced.length).toBeGreaterThan(0.7 * during(576, 2816).length);
    expect(Math.max(...during(3200, 4000))).toBeLessThan(0.3);
    expect(loudestSilence).toBeLessThan(0.3);
    speaking.close();
    silent.close();
  });

  it('hears no words in silence and in no audio', async () => {
    await expect(engine.transcribe(new Uint8Array(64_000))).resolves.toBe('');
    await expect(engine.transcribe(new Uint8Array(0))).resolves.toBe('');
  });

  it('says nothing when there is nothing to say', async () => {
    await expect(engine.synthesize('…', 'Kore')).resolves.toHaveLength(0);
    await expect(engine.synthesize('…', 'Kore')).resolves.toHaveLength(0);
  });

  it('leaves the audio of its caller alone', async () => {
    const recording = await fixture('what-is-my-name.wav');
    const before = recording.slice();
    await engine.transcribe(recording);
    expect(recording).toEqual(before);
  });

  it('stops a transcription that is no longer wanted', async () => {
    const recording = await fixture('barge-in.wav');
    const abort = new AbortController();
    const dropped = engine.transcribe(recording, abort.signal);
    abort.abort(new Error('no longer wanted'));
    await expect(dropped).rejects.toThrow('no longer wanted');
    const sentence = await engine.transcribe(await fixture('what-is-my-name.wav'));
    expect(words(sentence)).toEqual(['what', 'is', 'my', 'name']);
  });

  it('refuses more than 30 s, half samples, windows of another size and endless sentences', async () => {
    const unsupported = { code: 'unsupported_audio' };
    await expect(engine.transcribe(new Uint8Array(30 * 32_000 + 2))).rejects.toMatchObject(unsupported);
    await expect(engine.transcribe(new Uint8Array(33))).rejects.toMatchObject(unsupported);
    await expect(engine.openVad().accept(new Uint8Array(1022))).rejects.toMatchObject(unsupported);
    await expect(engine.synthesize('a '.repeat(400), 'Kore')).rejects.toMatchObject({
      code: 'invalid_message',
    });
  });
});

describe('the local speech engine with scripted threads', () => {
  it('works with what could be loaded, and says why the rest could not', async () => {
    const engine = await openSpeechEngine({ threads: 1, threadScript: scriptedThread('no-transcription') });
    expect(engine.capabilities.transcription).toEqual({
      available: false,
      reason: 'its model is not installed',
    });
    await expect(engine.transcribe(new Uint8Array(3200))).rejects.toMatchObject({
      code: 'provider_unavailable',
      retryable: false,
    });
    await expect(engine.synthesize('hello', 'Kore')).resolves.toEqual(new TextEncoder().encode('hello'));
    await engine.close();
  });

  it('opens also when no thread starts', async () => {
    const engine = await openSpeechEngine({ threads: 2, threadScript: scriptedThread('crashes') });
    expect(Object.values(engine.capabilities).some(({ available }) => available)).toBe(false);
    expect(() => engine.openVad()).toThrow(expect.objectContaining({ code: 'provider_unavailable' }));
    await engine.close();
  });

  it('feeds a microphone in order, at most a second ahead', async () => {
    const engine = await openSpeechEngine({ threads: 1, threadScript: scriptedThread() });
    const vad = engine.openVad();
    const window = new Uint8Array(1024);
    const ahead = Array.from({ length: 33 }, () => vad.accept(window));
    await expect(ahead.pop()).rejects.toMatchObject({ code: 'capacity_exhausted' });
    await expect(Promise.all(ahead)).resolves.toEqual(Array.from({ length: 32 }, (_, i) => i + 1));
    vad.close();
    await expect(vad.accept(window)).rejects.toMatchObject({ code: 'provider_unavailable' });
    await engine.close();
  });
});
