import { FakeSpeechEngine, SessionBench, silence, speech } from '@parley-testing/emulator';
import { describe, expect, it } from 'vitest';

/** Loud, and without a watermark: as a person's voice is. */
function voice(durationMs: number): Uint8Array {
  const samples = Int16Array.from(
    { length: durationMs * 16 },
    (_, i) => Math.round(9_000 * Math.sin(i / 11)) & ~1,
  );
  return new Uint8Array(samples.buffer);
}

const seconds = (pcm: Uint8Array) => pcm.length / 32_000;

async function started(engine: FakeSpeechEngine, setup: object = {}): Promise<SessionBench> {
  const bench = new SessionBench({ engine, behaviour: { silenceDurationMs: 450, thinkMs: 0 } });
  await bench.setUp(setup);
  bench.forget();
  return bench;
}

describe('hearing with a speech engine', () => {
  it('tells that speech begins within three windows, and interrupts then', async () => {
    const bench = await started(new FakeSpeechEngine());
    await bench.write('Tell me a story');
    await bench.until(({ kinds }) => kinds.includes('audio'));
    bench.forget();
    const begunMs = bench.clock.monotonicMs();
    await bench.hear(voice(400));
    const interrupted = bench.sent.find(({ message }) => message.serverContent?.interrupted);
    expect((interrupted?.atMs ?? 0) - begunMs).toBeLessThanOrEqual(100);
  });

  it('transcribes the whole utterance with some audio from before it, and answers the words', async () => {
    const heard: number[] = [];
    const transcribe = (pcm: Uint8Array): string => {
      heard.push(seconds(pcm));
      return 'What is two plus three?';
    };
    const bench = await started(new FakeSpeechEngine({ transcribe }), { inputAudioTranscription: null });
    await bench.hear(Buffer.concat([silence(1_000), voice(800), silence(600)]));
    await bench.untilTurnComplete();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toBeGreaterThan(0.8 + 0.2 + 0.4);
    expect(heard[0]).toBeLessThan(0.8 + 0.4 + 0.5);
    expect(bench.said).toContain('2 plus 3 is 5.');
  });

  it('gives captions while the user speaks, which together are the final text', async () => {
    const full = 'one two three four five six seven eight';
    const transcribe = (pcm: Uint8Array): string =>
      full
        .split(' ')
        .slice(0, Math.ceil(2 * seconds(pcm)))
        .join(' ');
    const bench = await started(new FakeSpeechEngine({ transcribe }));
    await bench.hear(voice(3_500));
    expect(bench.heard).toMatch(/^one two three/);
    expect(full.startsWith(bench.heard)).toBe(true);
    await bench.hear(silence(700));
    expect(bench.heard).toBe(full);
    expect(
      bench.messages.filter(({ serverContent }) => serverContent?.inputTranscription?.finished),
    ).toHaveLength(1);
  });

  it('believes a watermark more than the transcription', async () => {
    const bench = await started(new FakeSpeechEngine({ transcribe: () => 'complete nonsense' }));
    await bench.hear(speech('What is two plus three?', { leadMs: 100, tailMs: 800 }));
    await bench.untilTurnComplete();
    expect(bench.heard).toBe('What is two plus three?');
  });

  it('does not answer a noise that holds no words', async () => {
    const bench = await started(new FakeSpeechEngine({ transcribe: () => '' }));
    await bench.hear(Buffer.concat([voice(500), silence(1_000)]));
    await bench.clock.advance(5_000);
    expect(bench.messages).toEqual([]);
  });

  it('waits for the end of what the user goes on to say before it answers', async () => {
    const texts = ['My name is', 'Alice.'];
    const bench = await started(
      new FakeSpeechEngine({
        // The first transcription takes so long that the user speaks again meanwhile.
        transcribe: async () => {
          const text = texts.shift() ?? '';
          for (let i = 0; i < 3_000 && text !== 'Alice.'; i++) await Promise.resolve();
          return text;
        },
      }),
      { inputAudioTranscription: null },
    );
    await bench.hear(Buffer.concat([voice(500), silence(520), voice(500), silence(700)]));
    await bench.until(({ kinds }) => kinds.at(-1) === 'turnComplete');
    expect(bench.said).toContain('Alice');
  });

  it('understands speech of a minute in segments that the engine can take', async () => {
    const heard: number[] = [];
    const transcribe = (pcm: Uint8Array): string => {
      heard.push(seconds(pcm));
      return `part ${heard.length}`;
    };
    const bench = await started(new FakeSpeechEngine({ transcribe }), { inputAudioTranscription: null });
    await bench.hear(Buffer.concat([voice(60_000), silence(600)]));
    await bench.untilTurnComplete();
    expect(Math.max(...heard)).toBeLessThanOrEqual(30);
    expect(heard.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(60);
    expect(bench.said).toContain('part 1 part 2 part 3');
  });

  it.each([['vad'], ['transcription'], ['synthesis']] as const)(
    'does without %s when the engine has none',
    async (missing) => {
      const engine = new FakeSpeechEngine({
        transcribe: () => 'What is two plus three?',
        unavailable: [missing],
      });
      const bench = await started(engine);
      await bench.hear(Buffer.concat([silence(300), voice(700), silence(900)]));
      await bench.untilTurnComplete();
      expect(bench.said).toMatch(missing === 'transcription' ? /cannot make out words/ : /2 plus 3 is 5/);
      expect(engine.synthesized.length > 0).toBe(missing !== 'synthesis');
    },
  );
});

describe('speaking with a speech engine', () => {
  it('synthesises sentence by sentence, at most two ahead of what is sent', async () => {
    const engine = new FakeSpeechEngine();
    const bench = await started(engine);
    await bench.write('Tell me a story');
    await bench.until(({ kinds }) => kinds.includes('audio'));
    expect(engine.synthesized.length).toBeLessThanOrEqual(3);
    await bench.send({ clientContent: { turnComplete: false } });
    const spoken = engine.synthesized.length;
    await bench.clock.advance(60_000);
    expect(engine.synthesized).toHaveLength(spoken);
  });

  it('lets the synthetic voice speak a sentence that the engine cannot', async () => {
    const engine = new FakeSpeechEngine({ failsOn: (sentence) => /morning/i.test(sentence) });
    const bench = await started(engine);
    await bench.write('Say good morning everyone');
    await bench.untilTurnComplete();
    expect(bench.said).toMatch(/^Good morning everyone\./);
    expect(bench.kinds).toEqual(['audio', 'generationComplete', 'turnComplete']);
  });
});
