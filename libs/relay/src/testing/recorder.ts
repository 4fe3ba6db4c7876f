import type { ChannelHandlers, CloseOutcome, FrameChannel, LinkLoss, MediaDrop } from '../frame-channel.js';

export type Heard =
  | { readonly kind: 'control'; readonly text: string }
  | { readonly kind: 'media'; readonly turn: number; readonly bytes: Uint8Array };

/** Handlers that write down what they are told. */
export class Recorder implements ChannelHandlers {
  readonly heard: Heard[] = [];
  readonly closes: { readonly outcome: CloseOutcome; readonly loss: LinkLoss | undefined }[] = [];
  readonly drops: {
    readonly frames: number;
    readonly bytes: number;
    readonly why: MediaDrop;
    readonly before: number;
  }[] = [];

  static on(channel: FrameChannel): Recorder {
    const recorder = new Recorder();
    channel.listen(recorder);
    return recorder;
  }

  get controls(): string[] {
    return this.heard.flatMap((each) => (each.kind === 'control' ? [each.text] : []));
  }

  get media(): Uint8Array[] {
    return this.heard.flatMap((each) => (each.kind === 'media' ? [each.bytes] : []));
  }

  get turns(): number[] {
    return this.heard.flatMap((each) => (each.kind === 'media' ? [each.turn] : []));
  }

  get mediaBytes(): number {
    return this.media.reduce((sum, bytes) => sum + bytes.byteLength, 0);
  }

  onControl(payload: Uint8Array): void {
    this.heard.push({ kind: 'control', text: new TextDecoder().decode(payload) });
  }

  onMedia(frame: Uint8Array, turn: number): void {
    this.heard.push({ kind: 'media', turn, bytes: frame.slice() });
  }

  onClose(outcome: CloseOutcome, loss?: LinkLoss): void {
    this.closes.push({ outcome, loss });
  }

  onMediaDropped(frames: number, bytes: number, why: MediaDrop, before: number): void {
    this.drops.push({ frames, bytes, why, before });
  }
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A frame of `bytes` bytes, all of them `mark`. */
export function mediaFrame(mark: number, bytes = 100): Uint8Array {
  return new Uint8Array(bytes).fill(mark);
}
