import type { AudioChunk } from '../live-events.js';
import type { ParleyClient } from '../parley-client.js';
import { samplesOf } from '../pcm16.js';
import { DeviceError } from './media-device.js';
import { LevelMeter } from './level-meter.js';
import type { PlaybackOptions, PlaybackReport } from './playback-buffer.js';
import { loadWorklets, PLAYER_WORKLET, type PlayerCommand } from './worklet-source.js';

const OPTIONS: PlaybackOptions = { sampleRate: 24_000, startMs: 80, maxMs: 120_000, reportEveryMs: 250 };
/** The meter's window, 11 ms: short, so that silence after an interruption is seen at once. */
const METER_SAMPLES = 256;

/**
 * Plays the agent's speech (24 kHz) in a browser, without gaps, and silent within one audio quantum (5 ms) of a
 * flush. One player serves any number of calls, one at a time; whoever opened it closes it.
 */
export class Player {
  readonly context: AudioContext;
  /** Volume; 1 by default. */
  readonly gain: GainNode;
  /** What is heard, after the volume. */
  readonly analyser: AnalyserNode;
  readonly #node: AudioWorkletNode;
  readonly #meter: LevelMeter;
  #onReport: (report: PlaybackReport) => void = () => undefined;
  #starvations = 0;

  private constructor(context: AudioContext) {
    this.context = context;
    this.#node = new AudioWorkletNode(context, PLAYER_WORKLET, {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: OPTIONS,
    });
    this.gain = new GainNode(context);
    this.analyser = new AnalyserNode(context, { fftSize: METER_SAMPLES });
    this.#meter = new LevelMeter(this.analyser);
    this.#node.connect(this.gain).connect(this.analyser).connect(context.destination);
    this.#node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => {
      this.#starvations = data.starvations;
      this.#onReport(data);
    };
  }

  /** Must be called from a click or a key press, or the browser keeps it silent. Rejects with a `DeviceError`. */
  static async open(): Promise<Player> {
    const context = new AudioContext({ sampleRate: OPTIONS.sampleRate, latencyHint: 'interactive' });
    try {
      await loadWorklets(context);
      await context.resume();
      return new Player(context);
    } catch (thrown) {
      await context.close();
      throw new DeviceError('loudspeaker', 'failed', thrown);
    }
  }

  /** Times that playing ran dry in the middle of a turn. */
  get starvations(): number {
    return this.#starvations;
  }

  /** Loudness of what is heard now, 0…1. */
  rms(): number {
    return this.#meter.rms();
  }

  play(chunk: AudioChunk): void {
    const samples = samplesOf(chunk.pcm).slice();
    this.#command({ kind: 'push', turn: chunk.turn, samples, last: chunk.last }, [samples.buffer]);
  }

  /** The turn has no audio after what came: its end is reported when that has been played. */
  finish(turn: number): void {
    this.#command({ kind: 'finish', turn }, []);
  }

  /** Stops what is heard of `turn` and earlier turns. */
  flush(turn: number): void {
    this.#command({ kind: 'flush', turn }, []);
  }

  /** Plays a call's audio, stops at its interruptions, and reports to it what was heard. Returns the undoing. */
  follow(client: ParleyClient): () => void {
    const stops = [
      client.on('audio', (chunk) => this.play(chunk)),
      client.on('interrupted', ({ turn }) => this.flush(turn)),
      client.on('turnComplete', ({ turn }) => this.finish(turn)),
    ];
    this.#onReport = ({ turn, ms, ended }) => {
      const onItsWayMs = ended ? 0 : this.context.outputLatency * 1000 || 0;
      client.reportPlayback(turn, Math.max(0, Math.round(ms - onItsWayMs)), { last: ended });
    };
    return () => {
      for (const stop of stops) stop();
      this.#onReport = () => undefined;
      this.flush(Number.MAX_SAFE_INTEGER);
    };
  }

  async close(): Promise<void> {
    this.#node.disconnect();
    if (this.context.state !== 'closed') await this.context.close();
  }

  #command(command: PlayerCommand, transfer: Transferable[]): void {
    this.#node.port.postMessage(command, transfer);
  }
}
