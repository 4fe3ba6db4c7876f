import { readFile } from 'node:fs/promises';
import { createResampler, readWavPcm16 } from '@parley/audio';
import { openSpeechEngine, type SpeechEngine } from '@parley/speech';
import { LiveWireClient, readWatermark, silence } from '@parley-testing/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from './start-emulator.js';

const FIXTURES = new URL('../../../../test/fixtures/', import.meta.url);
const CHUNK_MS = 100;

/** Streams a recording and then silence, as fast as it is taken. */
async function speak(client: LiveWireClient, name: string): Promise<void> {
  const { pcm16, rateHz } = readWavPcm16(await readFile(new URL(name, FIXTURES)));
  const stream = Buffer.concat([pcm16, silence(1_000, rateHz)]);
  const chunkBytes = 2 * Math.round((rateHz * CHUNK_MS) / 1000);
  for (let at = 0; at < stream.length; at += chunkBytes) {
    const data = stream.subarray(at, at + chunkBytes).toString('base64');
    client.send({ realtimeInput: { audio: { data, mimeType: `audio/pcm;rate=${rateHz}` } } });
  }
}

/** What the model said and the user was understood to say, from message `from` to the end of the turn. */
async function turn(client: LiveWireClient, from: number) {
  await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true, {
    from,
    deadlineMs: 25_000,
  });
  const contents = client.messages.slice(from).flatMap(({ serverContent }) => serverContent ?? []);
  const audio = contents
    .flatMap(({ modelTurn }) => modelTurn?.parts ?? [])
    .map((part) => ('inlineData' in part ? Buffer.from(part.inlineData.data, 'base64') : Buffer.alloc(0)));
  return {
    heard: contents.map(({ inputTranscription }) => inputTranscription?.text ?? '').join(''),
    said: contents.map(({ outputTranscription }) => outputTranscription?.text ?? '').join(''),
    audio: Buffer.concat(audio),
  };
}

describe('a person who speaks to the emulator', () => {
  let engine: SpeechEngine;
  let emulator: RunningEmulator;
  beforeAll(async () => {
    engine = await openSpeechEngine({ threads: 1 });
    emulator = await startEmulator({
      speech: { mode: 'real', engine },
      behaviour: { speed: 50, turnEnds: 'immediate' },
    });
  });
  afterAll(async () => {
    await emulator.close();
    await engine.close();
  });

  it('is understood, remembered and answered in a voice that can itself be understood', async () => {
    const client = await LiveWireClient.connect(emulator.url);
    client.send({
      setup: {
        model: 'models/gemini-3.8-live',
        inputAudioTranscription: {},
        outputAudioTranscription: {},
        generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } },
      },
    });
    await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
    await speak(client, 'hello-my-name.wav');
    const first = await turn(client, 0);
    expect(first.heard).toMatch(/my name is Alice/i);
    expect(first.said).toMatch(/Alice/);

    const from = client.messages.length;
    await speak(client, 'what-is-my-name.wav');
    const second = await turn(client, from);
    expect(second.heard).toMatch(/what is my name/i);
    expect(second.said).toBe('Your name is Alice.');
    expect(readWatermark(second.audio)).toBe(second.said);

    const resampler = await createResampler(24_000, 16_000);
    const recognised = await engine.transcribe(
      Buffer.concat([resampler.push(second.audio), resampler.flush()]),
    );
    expect(recognised).toMatch(/your name is Alice/i);
    client.close();
  }, 60_000);
});
