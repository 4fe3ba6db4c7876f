import { silence, speech } from '@parley-testing/emulator';
import { SessionBench, type SessionBenchOptions } from '@parley-testing/emulator';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { MemoryResumptionStore } from './resumption-store.js';

async function started(setup: object = {}, options: SessionBenchOptions = {}): Promise<SessionBench> {
  const bench = new SessionBench(options);
  await bench.setUp(setup);
  bench.forget();
  return bench;
}

const QUESTION = 'What is two plus three?';

describe('speech', () => {
  it('is transcribed word by word and answered when it has been silent for 800 ms', async () => {
    const bench = await started();
    const spoken = speech(QUESTION, { leadMs: 200 });
    await bench.hear(spoken);
    expect(bench.heard).toBe(QUESTION);
    await bench.hear(silence(700));
    expect(bench.kinds).toEqual(['inputTranscription']);
    await bench.hear(silence(300));
    await bench.untilTurnComplete();
    expect(bench.said).toContain('2 plus 3 is 5.');
    expect(
      bench.messages.find(({ serverContent }) => serverContent?.inputTranscription?.finished),
    ).toBeDefined();
  });

  it.each([8_000, 16_000, 24_000, 48_000])('is understood at %i Hz', async (rateHz) => {
    const bench = await started();
    await bench.hear(speech(QUESTION, { rateHz, leadMs: 200, tailMs: 1_200 }), rateHz);
    await bench.eventually(({ heard }) => heard === QUESTION);
  });

  it('is understood however it is cut, also within a sample, and faster than it was spoken', async () => {
    const bench = await started();
    const pcm = speech(QUESTION, { leadMs: 200, tailMs: 1_000 });
    for (let at = 0, size = 1; at < pcm.length; at += size, size = (size * 7 + 13) % 4_001) {
      const data = Buffer.from(pcm.subarray(at, at + size)).toString('base64url');
      await bench.send({ realtime_input: { audio: { data, mime_type: 'audio/pcm' } } });
    }
    await bench.until(({ kinds }) => kinds.includes('audio'));
    expect(bench.heard).toBe(QUESTION);
  });

  it('interrupts the model when it begins, not when it ends', async () => {
    const bench = await started();
    await bench.write('Tell me a story');
    await bench.until(({ said }) => said.length > 60);
    bench.forget();
    await bench.hear(speech('Excuse me, I have a question.').subarray(0, 32 * 200));
    expect(bench.kinds.slice(0, 2)).toEqual(['interrupted', 'turnComplete']);
  });

  it('ends at once at audioStreamEnd', async () => {
    const bench = await started();
    await bench.hear(speech(QUESTION, { leadMs: 200 }));
    await bench.send({ realtimeInput: { audioStreamEnd: true } });
    await bench.clock.advance(400);
    expect(bench.kinds).toContain('audio');
  });

  it('goes on while the microphone stalls', async () => {
    const bench = await started();
    await bench.hear(speech(QUESTION, { leadMs: 200 }));
    await bench.clock.advance(30_000);
    expect(bench.kinds).toEqual(['inputTranscription']);
  });

  it('honours the silence that the setup asks for', async () => {
    const bench = await started({
      realtimeInputConfig: { automaticActivityDetection: { silenceDurationMs: 200 } },
    });
    await bench.hear(speech(QUESTION, { leadMs: 200, tailMs: 300 }));
    await bench.until(({ kinds }) => kinds.includes('audio'), 500);
  });

  it('without words is told by its length, and the model asks to be written to', async () => {
    const bench = await started();
    const noise = Buffer.alloc(32_000);
    for (let i = 0; i < 16_000; i++) noise.writeInt16LE(Math.round(8_000 * Math.sin(i / 9)) & ~1, 2 * i);
    await bench.hear(Buffer.concat([silence(300), noise, silence(1_200)]));
    await bench.untilTurnComplete();
    expect(bench.heard).toMatch(/^\(speech \d\.\d s\)$/);
    expect(bench.said).toMatch(/cannot make out words/);
  });

  it('that is silence begins nothing', async () => {
    const bench = await started();
    await bench.hear(silence(5_000));
    expect(bench.messages).toEqual([]);
  });
});

describe('activity that the client marks itself', () => {
  const explicit = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

  it('interrupts at its start and is answered at its end', async () => {
    const bench = await started(explicit);
    await bench.write('Tell me a story');
    await bench.until(({ kinds }) => kinds.includes('audio'));
    bench.forget();
    await bench.send({ realtimeInput: { activityStart: {} } });
    expect(bench.kinds).toEqual(['interrupted', 'turnComplete']);
    await bench.hear(speech(QUESTION));
    await bench.clock.advance(5_000);
    expect(bench.kinds).not.toContain('audio');
    await bench.send({ realtimeInput: { activityEnd: {} } });
    await bench.until(({ kinds }) => kinds.includes('audio'));
    expect(bench.heard).toBe(QUESTION);
  });

  it.each([
    ['with automatic detection', {}, { activityStart: {} }],
    ['that ends before it began', explicit, { activityEnd: {} }],
    ['together with audioStreamEnd', explicit, { audioStreamEnd: true }],
  ])('%s closes with 1007', async (_what, setup, realtimeInput) => {
    const bench = await started(setup);
    await bench.send({ realtimeInput });
    expect(bench.closed?.code).toBe(1007);
  });
});

describe('what the model does not take', () => {
  it.each([
    ['media chunks', {}, { realtimeInput: { mediaChunks: [{ data: '', mimeType: 'audio/pcm' }] } }],
    ['audio of another kind', {}, { realtimeInput: { audio: { data: '', mimeType: 'audio/opus' } } }],
    ['a second setup', {}, { setup: { model: 'models/gemini-3.8-live' } }],
    [
      'clientContent in mid-session of 3.1',
      { model: 'models/gemini-3.1-flash-live-preview' },
      { clientContent: { turns: [], turnComplete: true } },
    ],
  ])('%s closes with 1007', async (_what, setup, message) => {
    const bench = await started(setup);
    await bench.send(message);
    expect(bench.closed?.code).toBe(1007);
    bench.forget();
    await bench.write('Hello?');
    await bench.clock.advance(5_000);
    expect(bench.messages).toEqual([]);
  });

  it('contextUpdate is for 3.8: it changes the instruction there and closes 2.5 with 1008', async () => {
    const update = { contextUpdate: { systemInstruction: { parts: [{ text: 'You are Ada.' }] } } };
    const old = await started({ model: 'models/gemini-2.5-flash-native-audio-preview-12-2025' });
    await old.send(update);
    expect(old.closed?.code).toBe(1008);
    const bench = await started();
    await bench.send(update);
    await bench.write('Who are you?');
    await bench.untilTurnComplete();
    expect(bench.said).toContain('I am Ada.');
  });
});

describe('initial history', () => {
  it('is taken without an answer until its turnComplete, and known afterwards', async () => {
    const bench = await started({
      model: 'models/gemini-3.1-flash-live-preview',
      historyConfig: { initialHistoryInClientContent: true },
    });
    const turns = [
      { role: 'user', parts: [{ text: 'My favourite colour is green.' }] },
      { role: 'user', parts: [{ text: 'For context:' }, { text: '[guide] said: I am an emulator.' }] },
    ];
    await bench.send({ clientContent: { turns, turnComplete: true } });
    await bench.clock.advance(5_000);
    expect(bench.messages).toEqual([]);
    await bench.write('What is my favorite color?');
    await bench.untilTurnComplete();
    expect(bench.said).toBe('Your favourite colour is green.');
  });
});

describe('video', () => {
  it('is counted, and the model owns up to not seeing it', async () => {
    const bench = await started();
    for (let i = 0; i < 3; i++) {
      await bench.send({ realtimeInput: { video: { data: 'AAAA', mimeType: 'image/jpeg' } } });
    }
    await bench.write('What do you see?');
    await bench.untilTurnComplete();
    expect(bench.said).toContain('3 pictures');
    expect(bench.messages.at(-1)?.usageMetadata?.promptTokensDetails).toContainEqual({
      modality: 'VIDEO',
      tokenCount: 774,
    });
  });
});

describe('resumption', () => {
  const updates = (bench: SessionBench) =>
    bench.messages.flatMap(({ sessionResumptionUpdate }) => sessionResumptionUpdate ?? []);

  it('offers a handle after setup and after each turn, and none during generation', async () => {
    const bench = new SessionBench();
    await bench.setUp({ sessionResumption: {} });
    await bench.write('Hello');
    await bench.until(({ kinds }) => kinds.includes('generationComplete'));
    await bench.until(({ kinds }) => kinds.at(-1) === 'sessionResumptionUpdate');
    expect(updates(bench).map(({ resumable = false }) => resumable)).toEqual([true, false, true]);
    expect(updates(bench)[1]).toEqual({});
  });

  it('counts the messages that were taken in when it is transparent', async () => {
    const bench = new SessionBench();
    await bench.setUp({ sessionResumption: { transparent: true } });
    await bench.hear(silence(300));
    await bench.write('Hello');
    await bench.untilTurnComplete();
    expect(updates(bench).at(-1)?.lastConsumedClientMessageIndex).toBe('4');
  });

  it('closes with 1008 for an unknown, expired or foreign handle, and with 1007 for another model', async () => {
    const clock = new ManualClock();
    const resumption = new MemoryResumptionStore(clock);
    const first = new SessionBench({ clock, resumption });
    await first.setUp({ sessionResumption: {} });
    const handle = updates(first).at(-1)?.newHandle;
    first.close();
    const closeOf = async (setup: object, owner = 'tester') => {
      const bench = new SessionBench({ clock, resumption, owner });
      await bench.setUp(setup);
      return bench.closed?.code;
    };
    expect(await closeOf({ sessionResumption: { handle } })).toBeUndefined();
    expect(await closeOf({ sessionResumption: { handle: 'nonsense' } })).toBe(1008);
    expect(await closeOf({ sessionResumption: { handle } }, 'somebody else')).toBe(1008);
    const other = 'models/gemini-3.1-flash-live-preview';
    expect(await closeOf({ model: other, sessionResumption: { handle } })).toBe(1007);
    await clock.advance(2 * 60 * 60 * 1000);
    expect(await closeOf({ sessionResumption: { handle } })).toBe(1008);
  });
});

describe('the life of a connection', () => {
  it('ends after ten minutes, a minute after goAway', async () => {
    const bench = await started();
    await bench.clock.advance(539_999);
    expect(bench.messages).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.messages).toEqual([{ goAway: { timeLeft: '60s' } }]);
    await bench.clock.advance(59_999);
    expect(bench.closed).toBeUndefined();
    await bench.clock.advance(1);
    expect(bench.closed).toEqual({ code: 1011, reason: 'Deadline expired before operation could complete.' });
  });

  it('has no end when none is set', async () => {
    const bench = await started({}, { behaviour: { connectionMs: 0, sessionMs: 0 } });
    await bench.clock.advance(3_600_000);
    expect(bench.messages).toEqual([]);
  });
});

describe('determinism', () => {
  it('gives the same messages at the same times for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const bench = await started({}, { seed, behaviour: { thinkJitterMs: 100 } });
      await bench.write('Tell me a joke');
      await bench.untilTurnComplete();
      return JSON.stringify(bench.sent);
    };
    expect(await run(5)).toBe(await run(5));
    expect(await run(5)).not.toBe(await run(6));
  });
});
