import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MICROPHONE_WORKLET, PLAYER_WORKLET, workletSource } from './worklet-source.js';

interface Processor {
  readonly port: {
    readonly sent: unknown[];
    onmessage?: (event: { data: unknown }) => void;
    postMessage(message: unknown): void;
  };
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}
type ProcessorClass = new (node: { processorOptions: object }) => Processor;

/** Runs the text as an AudioWorklet would: with nothing around it but the worklet's own globals. */
function load(): Map<string, ProcessorClass> {
  const processors = new Map<string, ProcessorClass>();
  class AudioWorkletProcessor {
    readonly port = {
      sent: [] as unknown[],
      postMessage(message: unknown) {
        this.sent.push(message);
      },
    };
  }
  runInNewContext(workletSource(), {
    AudioWorkletProcessor,
    registerProcessor: (name: string, processor: ProcessorClass) => processors.set(name, processor),
  });
  return processors;
}

function make(name: string, processorOptions: object): Processor {
  const processor = load().get(name);
  if (!processor) throw new Error(`no ${name}`);
  return new processor({ processorOptions });
}

describe('the text of the worklets', () => {
  it('stands alone and plays', () => {
    const player = make(PLAYER_WORKLET, { sampleRate: 24_000, startMs: 1, maxMs: 1_000, reportEveryMs: 1 });
    const samples = new Int16Array(200).fill(16_384);
    player.port.onmessage?.({ data: { kind: 'push', turn: 3, samples, last: false } });
    const out = new Float32Array(128);
    expect(player.process([], [[out]])).toBe(true);
    expect(out.every((sample) => sample === 0.5)).toBe(true);
    expect(player.port.sent).toMatchObject([{ turn: 3, ended: false }]);
    player.port.onmessage?.({ data: { kind: 'flush', turn: 3 } });
    player.process([], [[out]]);
    player.process([], [[out]]);
    expect(out.every((sample) => sample === 0)).toBe(true);
  });

  it('stands alone and listens', () => {
    const options = { inputRate: 48_000, outputRate: 16_000, blockSamples: 640 };
    const microphone = make(MICROPHONE_WORKLET, options);
    for (let i = 0; i < 20; i++) microphone.process([[new Float32Array(128).fill(0.25)]], []);
    const [block] = microphone.port.sent as Int16Array[];
    expect(block).toHaveLength(640);
    expect(block?.at(-1)).toBeCloseTo(0.25 * 32_767, -2);
  });
});
