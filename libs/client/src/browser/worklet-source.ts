import { createMicBlocks, type MicBlocksOptions } from './mic-blocks.js';
import { createPlaybackBuffer, type PlaybackOptions } from './playback-buffer.js';

/** The globals of an AudioWorklet, which TypeScript's DOM library does not know. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;

export const PLAYER_WORKLET = 'parley-player';
export const MICROPHONE_WORKLET = 'parley-microphone';

export type PlayerCommand =
  | { readonly kind: 'push'; readonly turn: number; readonly samples: Int16Array; readonly last: boolean }
  | { readonly kind: 'finish' | 'flush'; readonly turn: number };

function installPlayer(name: string, create: typeof createPlaybackBuffer): void {
  class PlayerProcessor extends AudioWorkletProcessor {
    declare buffer: ReturnType<typeof create>;

    constructor(node: { readonly processorOptions: PlaybackOptions }) {
      super();
      this.buffer = create(node.processorOptions, (report) => this.port.postMessage(report));
      this.port.onmessage = ({ data }: MessageEvent<PlayerCommand>) => {
        if (data.kind === 'push') this.buffer.push(data.turn, data.samples, data.last);
        else this.buffer[data.kind](data.turn);
      };
    }

    process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
      const out = outputs[0]?.[0];
      if (out) this.buffer.pull(out);
      return true;
    }
  }
  registerProcessor(name, PlayerProcessor);
}

function installMicrophone(name: string, create: typeof createMicBlocks): void {
  class MicrophoneProcessor extends AudioWorkletProcessor {
    declare take: ReturnType<typeof create>;

    constructor(node: { readonly processorOptions: MicBlocksOptions }) {
      super();
      this.take = create(node.processorOptions, (block) => this.port.postMessage(block, [block.buffer]));
    }

    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      const samples = inputs[0]?.[0];
      if (samples) this.take(samples);
      return true;
    }
  }
  registerProcessor(name, MicrophoneProcessor);
}

/**
 * The worklets' code as one script, made from the functions' own source text, so that no bundler has to know
 * about worklets. `__name` stands in for the helper that some compilers put around functions.
 */
export function workletSource(): string {
  return [
    'const __name = (target) => target;',
    `(${installPlayer.toString()})('${PLAYER_WORKLET}', ${createPlaybackBuffer.toString()});`,
    `(${installMicrophone.toString()})('${MICROPHONE_WORKLET}', ${createMicBlocks.toString()});`,
  ].join('\n');
}

/** Loads the worklets into a context. A page with a content security policy needs `blob:` in `script-src`. */
export async function loadWorklets(context: AudioContext): Promise<void> {
  const url = URL.createObjectURL(new Blob([workletSource()], { type: 'text/javascript' }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
