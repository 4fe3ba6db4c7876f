import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import type { CloseReason } from '../session/close-reason.js';
import { LagHistogram } from '../session/lag-histogram.js';
import { encodeLoadFrames, type LoadFrames } from './load-frames.js';
import { LoadSession } from './load-session.js';
import { LoadWheel } from './load-wheel.js';

const SETUP = { setup: { model: 'models/gemini-3.8-live', outputAudioTranscription: {} } };
const AUDIO = { realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/pcm;rate=16000' } } };

interface Sent {
  readonly atMs: number;
  readonly kind: string;
  readonly pcmBytes: number;
}

class LoadBench {
  readonly clock = new ManualClock();
  readonly wheel = new LoadWheel(this.clock, new LagHistogram());
  readonly sent: Sent[] = [];
  closed: CloseReason | undefined;

  constructor(readonly frames: LoadFrames) {}

  open(random = 0): LoadSession {
    return new LoadSession({
      frames: this.frames,
      wheel: this.wheel,
      random: () => random,
      send: (frame) => this.sent.push({ atMs: this.clock.monotonicMs(), ...describeFrame(String(frame)) }),
      hangUp: (reason) => {
        this.closed = reason;
      },
    });
  }
}

function describeFrame(text: string): { kind: string; pcmBytes: number } {
  const message = JSON.parse(text) as { serverContent?: Record<string, unknown>; setupComplete?: object };
  const kind = Object.keys(message.serverContent ?? message)[0] ?? '';
  const data = /"data":\s*"([^"]*)"/.exec(text)?.[1] ?? '';
  return { kind, pcmBytes: Buffer.from(data, 'base64').length };
}

const frame = (message: object) => Buffer.from(JSON.stringify(message));

describe('a load session', () => {
  it('talks for five seconds, ten messages of 4,800 bytes a second, then is silent for five', async () => {
    const bench = new LoadBench(await encodeLoadFrames('compact-text'));
    bench.open().onFrame(frame(SETUP));
    await bench.clock.advance(20_000);
    const audio = bench.sent.filter(({ kind }) => kind === 'modelTurn');
    expect(audio).toHaveLength(100);
    expect(new Set(audio.map(({ pcmBytes }) => pcmBytes))).toEqual(new Set([4_800]));
    const gaps = audio.slice(1).map(({ atMs }, index) => atMs - (audio[index]?.atMs ?? 0));
    expect(gaps.filter((gap) => gap === 100)).toHaveLength(98);
    expect(gaps.filter((gap) => gap === 5_100)).toHaveLength(1);
    const turn = bench.sent
      .slice(0, 60)
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'modelTurn');
    expect(turn).toEqual([
      'setupComplete',
      ...Array.from({ length: 5 }, () => 'outputTranscription'),
      'generationComplete',
      'turnComplete',
      'outputTranscription',
    ]);
  });

  it('spreads sessions over the slots of the wheel and begins each at its own point', async () => {
    const bench = new LoadBench(await encodeLoadFrames('compact-text'));
    for (let i = 0; i < 20; i++) bench.open().onFrame(frame(SETUP));
    await bench.clock.advance(200);
    const perTick = new Map<number, number>();
    for (const { atMs, kind } of bench.sent) {
      if (kind === 'modelTurn') perTick.set(atMs, (perTick.get(atMs) ?? 0) + 1);
    }
    expect(new Set(perTick.values())).toEqual(new Set([2]));
  });

  it('does not decode audio, and talks anew when it is written to', async () => {
    const bench = new LoadBench(await encodeLoadFrames('pretty-binary'));
    const session = bench.open(0.7);
    session.onFrame(frame(SETUP));
    session.onFrame(Buffer.from(`${JSON.stringify(AUDIO).slice(0, 40)} this is not JSON`));
    await bench.clock.advance(1_000);
    expect(bench.sent.map(({ kind }) => kind)).toEqual(['setupComplete']);
    session.onFrame(frame({ realtimeInput: { text: 'Hello' } }));
    await bench.clock.advance(1_000);
    session.onFrame(frame({ clientContent: { turnComplete: true } }));
    await bench.clock.advance(100);
    const flags = bench.sent
      .map(({ kind }) => kind)
      .filter((kind) => !/modelTurn|outputTranscription/.test(kind));
    expect(flags).toEqual(['setupComplete', 'interrupted', 'turnComplete']);
    expect(bench.closed).toBeUndefined();
  });

  it('refuses what is no setup, and what is no message', async () => {
    const bench = new LoadBench(await encodeLoadFrames('compact-text'));
    bench.open().onFrame(frame(AUDIO));
    expect(bench.closed?.code).toBe(1007);
    const session = bench.open();
    session.onFrame(frame(SETUP));
    bench.closed = undefined;
    session.onFrame(Buffer.from('nonsense'));
    expect(bench.closed).toMatchObject({ code: 1007 });
  });

  it('leaves the wheel at its end, which then stands still', async () => {
    const bench = new LoadBench(await encodeLoadFrames('compact-text'));
    const session = bench.open();
    session.onFrame(frame(SETUP));
    await bench.clock.advance(1_000);
    session.close();
    const count = bench.sent.length;
    await bench.clock.advance(10_000);
    expect(bench.sent).toHaveLength(count);
  });
});
