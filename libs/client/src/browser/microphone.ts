import { DeviceError, openDevice, stopTracks } from './media-device.js';
import { LevelMeter } from './level-meter.js';
import type { MicBlocksOptions } from './mic-blocks.js';
import { loadWorklets, MICROPHONE_WORKLET } from './worklet-source.js';

const RATE = 16_000;
const BLOCK_SAMPLES = 640;
const METER_SAMPLES = 512;

export interface MicrophoneOptions {
  /** Gets blocks of 40 ms, PCM16 mono 16 kHz; each block is its own array. */
  readonly onBlock: (pcm: Int16Array) => void;
  readonly deviceId?: string;
  /** The device was unplugged, or the permission taken back. */
  readonly onLost?: () => void;
}

/** A microphone that is being listened to, with the browser's echo cancellation, until `close`. */
export class Microphone {
  readonly stream: MediaStream;
  readonly analyser: AnalyserNode;
  readonly #context: AudioContext;
  readonly #meter: LevelMeter;

  private constructor(stream: MediaStream, source: MediaStreamAudioSourceNode, options: MicrophoneOptions) {
    this.stream = stream;
    this.#context = source.context as AudioContext;
    const processorOptions: MicBlocksOptions = {
      inputRate: this.#context.sampleRate,
      outputRate: RATE,
      blockSamples: BLOCK_SAMPLES,
    };
    const node = new AudioWorkletNode(this.#context, MICROPHONE_WORKLET, {
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions,
    });
    node.port.onmessage = ({ data }: MessageEvent<Int16Array>) => options.onBlock(data);
    this.analyser = new AnalyserNode(this.#context, { fftSize: METER_SAMPLES });
    this.#meter = new LevelMeter(this.analyser);
    source.connect(this.analyser);
    // The worklet's output is silence; a node without a way to the output is not run by every browser.
    source.connect(node).connect(this.#context.destination);
    for (const track of stream.getAudioTracks()) {
      track.addEventListener('ended', () => options.onLost?.());
    }
  }

  /** Asks for the microphone. Rejects with a `DeviceError`. Call it from a click or a key press. */
  static async open(options: MicrophoneOptions): Promise<Microphone> {
    const stream = await openDevice('microphone', {
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        channelCount: 1,
        ...(options.deviceId === undefined ? {} : { deviceId: { exact: options.deviceId } }),
      },
    });
    let source: MediaStreamAudioSourceNode | undefined;
    try {
      source = await sourceOf(stream);
      const context = source.context as AudioContext;
      await loadWorklets(context);
      await context.resume();
      return new Microphone(stream, source, options);
    } catch (thrown) {
      stopTracks(stream);
      await (source?.context as AudioContext | undefined)?.close();
      throw new DeviceError('microphone', 'failed', thrown);
    }
  }

  /** Loudness of what is heard now, 0…1. */
  rms(): number {
    return this.#meter.rms();
  }

  /** Idempotent; the browser's recording sign goes off. */
  async close(): Promise<void> {
    stopTracks(this.stream);
    if (this.#context.state !== 'closed') await this.#context.close();
  }
}

/** A source at 16 kHz; where the browser refuses to convert (Firefox), at the device's own rate. */
async function sourceOf(stream: MediaStream): Promise<MediaStreamAudioSourceNode> {
  const wished = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
  try {
    return wished.createMediaStreamSource(stream);
  } catch {
    await wished.close();
    return new AudioContext({ latencyHint: 'interactive' }).createMediaStreamSource(stream);
  }
}
