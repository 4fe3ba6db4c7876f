import { mediaOf, type Event } from '@parley/event';
import { speech } from '@parley-testing/emulator';
import { describe, expect, it } from 'vitest';
import type { Conversation } from './support/conversation.js';
import { conversations, MODELS } from './support/conversations.js';
import {
  caption,
  generationComplete,
  heard,
  interrupted,
  microphone,
  turnComplete,
  usage,
  voice,
} from './support/messages.js';

const conversation = conversations({
  scenarios: {
    /** Hears and speaks by itself, in real time: some three seconds for its first answer. */
    talkative: {
      behaviour: { thinkMs: 0, thinkJitterMs: 0, silenceDurationMs: 300, discloses: false },
      rules: [
        { when: { turn: 1 }, do: [{ say: 'Let me tell you about the long road home.' }] },
        { when: { turn: 2 }, do: [{ say: 'Yes?' }] },
      ],
    },
  },
});

const manual = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };
const isAudio = (event: Event): boolean => mediaOf(event) !== undefined;

/** The model talks, and the user begins to speak meanwhile; resolves when the model has answered that, too. */
async function talkOver(call: Conversation): Promise<void> {
  call.queue.sendContent({ parts: [{ text: 'Tell me something.' }] });
  await call.until('the voice of the model', () => call.events.some(isAudio));
  const said = speech('wait a moment', { tailMs: 1_000 });
  for (let at = 0; at < said.length; at += 3_200) {
    call.queue.sendRealtime({ mimeType: 'audio/pcm;rate=16000', data: said.slice(at, at + 3_200) });
  }
  const spoken = await call.event({ inputTranscription: { finished: true } });
  await call.event({ turnComplete: true }, call.events.indexOf(spoken));
}

describe('H. Turns, voice detection, transcription', () => {
  it('H1 passes the start of an activity, its audio and its end on in that order', async () => {
    const call = await conversation({ runConfig: manual });
    call.queue.sendActivityStart();
    call.queue.sendRealtime(microphone(20, 1));
    call.queue.sendRealtime(microphone(20, 2));
    call.queue.sendActivityEnd();
    const audio = { realtimeInput: { audio: { mimeType: 'audio/pcm;rate=16000' } } };
    expect(await call.model.received(4)).toMatchObject([
      { realtimeInput: { activityStart: {} } },
      audio,
      audio,
      { realtimeInput: { activityEnd: {} } },
    ]);
  });

  it.each([
    {
      automaticActivityDetection: {
        startOfSpeechSensitivity: 'START_SENSITIVITY_HIGH',
        endOfSpeechSensitivity: 'END_SENSITIVITY_LOW',
        prefixPaddingMs: 120,
        silenceDurationMs: 700,
      },
      activityHandling: 'NO_INTERRUPTION',
      turnCoverage: 'TURN_INCLUDES_ALL_INPUT',
    },
    {
      automaticActivityDetection: {
        startOfSpeechSensitivity: 'START_SENSITIVITY_LOW',
        endOfSpeechSensitivity: 'END_SENSITIVITY_HIGH',
      },
      activityHandling: 'START_OF_ACTIVITY_INTERRUPTS',
      turnCoverage: 'TURN_INCLUDES_ONLY_ACTIVITY',
    },
    {
      automaticActivityDetection: { disabled: true },
      turnCoverage: 'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO',
    },
  ])(
    'H2 sets voice detection up as it was given: $activityHandling $turnCoverage',
    async (realtimeInputConfig) => {
      const call = await conversation({ runConfig: { realtimeInputConfig } });
      expect(call.model.setup['realtimeInputConfig']).toEqual(realtimeInputConfig);
    },
  );

  it('H3 discards audio that waits when the model is interrupted, and what strays in behind', async () => {
    const call = await conversation();
    const resume = call.pauseReading();
    call.model.send(voice(40, 1));
    await call.until('the first audio', () => call.events.some(isAudio));
    for (let i = 0; i < 50; i++) call.model.send(voice(40, 1));
    call.model.send(interrupted(), voice(40, 2), caption('stray'), turnComplete());
    call.model.send(voice(40, 3), usage({ totalTokenCount: 9 }), turnComplete());
    await call.until('all of it to be received', () => call.facts.some(({ kind }) => kind === 'usage'));
    resume();
    await call.until('two ends of turns', () => call.eventsWith({ turnComplete: true }).length === 2);
    const voices = call.events.flatMap((event) => mediaOf(event)?.data[0] ?? []);
    expect(voices).toEqual([1, 3]);
    const cut = call.events.findIndex((event) => event.interrupted);
    const end = call.events.findIndex((event) => event.turnComplete);
    expect(call.events.slice(0, cut).filter(isAudio)).toHaveLength(1);
    expect(call.events.slice(cut, end).some((event) => event.outputTranscription)).toBe(false);
  });

  it('H4 lets the model finish under NO_INTERRUPTION though the user speaks', async () => {
    const call = await conversation({
      scenario: 'talkative',
      runConfig: { realtimeInputConfig: { activityHandling: 'NO_INTERRUPTION' } },
    });
    await talkOver(call);
    expect(call.eventsWith({ interrupted: true })).toEqual([]);
    expect(await call.event({ outputTranscription: { finished: true } })).toMatchObject({
      outputTranscription: { text: 'Let me tell you about the long road home.' },
    });
  });

  it('H4 interrupts the model otherwise, by the same speech', async () => {
    const call = await conversation({ scenario: 'talkative' });
    await talkOver(call);
    expect(call.eventsWith({ interrupted: true })).toHaveLength(1);
  });

  it('H5 joins fragments that were never finished at the end of the generation', async () => {
    const call = await conversation();
    call.model.send(heard('What is'), heard(' the time?'), caption('It is'), caption(' noon.'));
    call.model.send(generationComplete());
    await call.event({ outputTranscription: { finished: true } });
    const finished = call.events.filter((event) => event.partial === false);
    expect(finished).toMatchObject([
      { author: 'user', inputTranscription: { text: 'What is the time?', finished: true } },
      { author: 'greeter', outputTranscription: { text: 'It is noon.', finished: true } },
    ]);
    call.model.send(turnComplete());
    await call.event({ turnComplete: true });
    expect(call.events.filter((event) => event.partial === false)).toHaveLength(2);
  });

  it('H6 tells text that comes with "finished" as a delta, then whole', async () => {
    const call = await conversation();
    call.model.send(heard('What is'), heard(' the time?', { finished: true }), turnComplete());
    await call.event({ turnComplete: true });
    const told = call.eventsWith({ inputTranscription: {} });
    expect(told.map(({ partial, inputTranscription }) => ({ partial, ...inputTranscription }))).toEqual([
      { partial: true, text: 'What is', finished: false },
      { partial: true, text: ' the time?', finished: false },
      { partial: false, text: 'What is the time?', finished: true },
    ]);
  });

  it("H7 takes the user's first text on gemini-3.1 for all of it", async () => {
    const call = await conversation({ model: MODELS.flashLive31 });
    call.model.send(heard('What is the time?'));
    const whole = await call.event({ inputTranscription: { finished: true } });
    expect(whole).toMatchObject({ partial: false, inputTranscription: { text: 'What is the time?' } });
    call.model.send(heard('And the date?'), turnComplete());
    await call.event({ turnComplete: true });
    expect(
      call
        .eventsWith({ inputTranscription: { finished: true } })
        .map((event) => event.inputTranscription?.text),
    ).toEqual(['What is the time?', 'And the date?']);
  });

  it('H8 stops the output when the client asks, though the model goes on', async () => {
    const call = await conversation();
    call.model.send(voice(40, 1));
    await call.until('the voice of the model', () => call.events.some(isAudio));
    call.queue.send({ kind: 'interrupt' });
    await call.event({ interrupted: true });
    call.model.send(voice(40, 2), caption('on and on'), turnComplete(), voice(40, 3), turnComplete());
    await call.until('the end of the next turn', () =>
      call.events.some((event) => mediaOf(event)?.data[0] === 3),
    );
    const voices = call.events.flatMap((event) => mediaOf(event)?.data[0] ?? []);
    expect(voices).toEqual([1, 3]);
    expect(call.eventsWith({ interrupted: true })).toHaveLength(1);
    expect(call.eventsWith({ outputTranscription: {} })).toEqual([]);
  });
});
