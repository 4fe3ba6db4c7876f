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

const MINUTE = 60_000;
const DEADLINE = { code: 1011, reason: 'Deadline expired before operation could complete.' };
const FRAME = { realtimeInput: { video: { data: 'AAAA', mimeType: 'image/jpeg' } } };
const ENDLESS = { connectionMs: 0 };

describe('the life of a session', () => {
  it('ends after fifteen minutes without compression, a minute after goAway', async () => {
    const bench = await started({}, { behaviour: ENDLESS });
    await bench.clock.advance(14 * MINUTE);
    expect(bench.messages).toEqual([{ goAway: { timeLeft: '60s' } }]);
    await bench.clock.advance(MINUTE);
    expect(bench.closed).toEqual(DEADLINE);
  });

  it('ends two minutes after its first video frame', async () => {
    const bench = await started({}, { behaviour: ENDLESS });
    await bench.clock.advance(MINUTE);
    await bench.send(FRAME);
    await bench.clock.advance(MINUTE);
    await bench.send(FRAME);
    expect(bench.messages).toEqual([{ goAway: { timeLeft: '60s' } }]);
    await bench.clock.advance(MINUTE);
    expect(bench.closed).toEqual(DEADLINE);
  });

  it('has no end with compression', async () => {
    const bench = await started({ contextWindowCompression: { slidingWindow: {} } }, { behaviour: ENDLESS });
    await bench.send(FRAME);
    await bench.clock.advance(60 * MINUTE);
    expect(bench.messages).toEqual([]);
    expect(bench.closed).toBeUndefined();
  });

  it('passes faster by the time scale, in what goAway says too', async () => {
    const bench = await started({}, { behaviour: { timeScale: 60 } });
    await bench.clock.advance(9_000);
    expect(bench.messages).toEqual([{ goAway: { timeLeft: '1s' } }]);
    await bench.clock.advance(1_000);
    expect(bench.closed).toEqual(DEADLINE);
  });

  it('goes on across connections, and is over for good at its end', async () => {
    const clock = new ManualClock();
    const resumption = new MemoryResumptionStore(clock);
    const first = new SessionBench({ clock, resumption });
    await first.setUp({ sessionResumption: {} });
    await clock.advance(9 * MINUTE);
    await first.write('Hello');
    await first.untilResumable();
    const handle = first.handle;
    first.close();
    await clock.advance(30 * MINUTE);
    const second = await started({ sessionResumption: { handle } }, { clock, resumption });
    await clock.advance(4 * MINUTE);
    expect(second.messages.filter(({ goAway }) => goAway)).toEqual([]);
    await clock.advance(MINUTE);
    expect(second.messages.at(-1)).toEqual({
      goAway: { timeLeft: expect.stringMatching(/^(?:60|59\.\d+)s$/) as unknown },
    });
    await second.write('Still there?');
    await second.untilResumable();
    const late = second.handle;
    await clock.advance(MINUTE);
    expect(second.closed).toEqual(DEADLINE);
    const third = await started({ sessionResumption: { handle: late } }, { clock, resumption });
    expect(third.closed).toBeUndefined();
    await clock.advance(MINUTE);
    expect(third.closed).toEqual(DEADLINE);
  });
});

describe('the context', () => {
  const usageOf = (bench: SessionBench) =>
    bench.messages.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata;

  it('is billed as prompt plus response, with the modalities that were in it', async () => {
    const bench = await started({ systemInstruction: { parts: [{ text: 'x'.repeat(400) }] } });
    await bench.send({ realtimeInput: { video: { data: 'AAAA', mimeType: 'image/jpeg' } } });
    await bench.write('Hello');
    await bench.untilTurnComplete();
    const usage = usageOf(bench);
    const listed = usage?.promptTokensDetails ?? [];
    expect(listed).toEqual([
      { modality: 'TEXT', tokenCount: 102 },
      { modality: 'VIDEO', tokenCount: 258 },
    ]);
    expect(usage?.promptTokenCount).toBe(360);
    expect(usage?.responseTokensDetails).toEqual([
      { modality: 'AUDIO', tokenCount: usage?.responseTokenCount },
    ]);
    expect(usage?.totalTokenCount).toBe(360 + (usage?.responseTokenCount ?? 0));
  });

  it.each([
    ['MEDIA_RESOLUTION_LOW', 64],
    ['MEDIA_RESOLUTION_HIGH', 256],
  ])('counts a frame in %s as %i tokens', async (mediaResolution, tokenCount) => {
    const bench = await started({ generationConfig: { mediaResolution } });
    await bench.send(FRAME);
    await bench.write('Hello');
    await bench.untilTurnComplete();
    expect(usageOf(bench)?.promptTokensDetails).toContainEqual({ modality: 'VIDEO', tokenCount });
  });

  const told = async (setup: object): Promise<SessionBench> => {
    const bench = await started(setup, { behaviour: { sessionMs: 0 } });
    for (const text of ['My name is Alice.', 'My favourite colour is green.', 'Tell me a long story.']) {
      bench.forget();
      await bench.write(text);
      await bench.untilTurnComplete();
    }
    bench.forget();
    return bench;
  };

  it('that was compressed has lost its oldest turns, and is billed for what is left', async () => {
    const compressed = await told({
      contextWindowCompression: { triggerTokens: '300', slidingWindow: { targetTokens: '100' } },
    });
    const whole = await told({});
    for (const bench of [compressed, whole]) {
      await bench.write('What is my name?');
      await bench.untilTurnComplete();
    }
    expect(whole.said).toContain('Alice');
    expect(compressed.said).not.toContain('Alice');
    const [left = 0, all = 0] = [compressed, whole].map((bench) => usageOf(bench)?.promptTokenCount);
    expect(left).toBeLessThanOrEqual(100);
    expect(all).toBeGreaterThan(300);
  });

  it('that is being compressed makes the answer late, once', async () => {
    const bench = await told({
      contextWindowCompression: { triggerTokens: '300', slidingWindow: { targetTokens: '100' } },
    });
    const firstAudioMs = async (): Promise<number> => {
      bench.forget();
      const startMs = bench.clock.monotonicMs();
      await bench.write('Thanks');
      await bench.until(({ kinds }) => kinds.includes('audio'));
      await bench.untilTurnComplete();
      return (bench.sent[0]?.atMs ?? 0) - startMs;
    };
    expect(await firstAudioMs()).toBeGreaterThanOrEqual(700);
    expect(await firstAudioMs()).toBeLessThan(320);
  });

  it('that outgrows the model without compression ends the session', async () => {
    const bench = await started({}, { behaviour: { contextTokens: 200 } });
    await bench.write('Tell me a long story.');
    await bench.untilTurnComplete();
    await bench.write('Another one.');
    expect(bench.closed?.code).toBe(1007);
  });

  it.each([
    ['more than the model can take', { triggerTokens: '200000' }],
    ['a target above its trigger', { triggerTokens: '100', slidingWindow: { targetTokens: '101' } }],
  ])('can not be compressed at %s', async (_what, contextWindowCompression) => {
    const bench = await started({ contextWindowCompression });
    expect(bench.closed?.code).toBe(1007);
  });
});
