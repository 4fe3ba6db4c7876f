import { systemClock, type Clock } from '@parley/kernel';
import { DeviceError, openDevice, stopTracks } from './media-device.js';
import { fitWithin } from './picture-size.js';

/** The Live API looks at one frame a second, and at 768 px a side at most. */
const FRAME_EVERY_MS = 1_000;
const MAX_SIDE_PX = 768;
const QUALITIES = [0.8, 0.6, 0.4];
/** A message may have 256 KiB; this leaves room for its header. */
const MAX_JPEG_BYTES = 250_000;

export interface CameraOptions {
  /** Gets one JPEG a second. */
  readonly onFrame: (jpeg: Uint8Array) => void;
  readonly facingMode?: 'user' | 'environment';
  readonly onLost?: () => void;
  readonly clock?: Clock;
}

/** A camera that takes one picture a second until `close`. `stream` is there for a preview. */
export class Camera {
  readonly stream: MediaStream;
  readonly #video: HTMLVideoElement;
  readonly #onFrame: (jpeg: Uint8Array) => void;
  readonly #stopTimer: () => void;
  #busy = false;
  #closed = false;

  private constructor(stream: MediaStream, video: HTMLVideoElement, options: CameraOptions) {
    this.stream = stream;
    this.#video = video;
    this.#onFrame = options.onFrame;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('ended', () => options.onLost?.());
    }
    this.#stopTimer = (options.clock ?? systemClock).every(FRAME_EVERY_MS, () => void this.#take());
    void this.#take();
  }

  /** Asks for the camera. Rejects with a `DeviceError`. */
  static async open(options: CameraOptions): Promise<Camera> {
    const stream = await openDevice('camera', {
      video: {
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 15 },
        ...(options.facingMode === undefined ? {} : { facingMode: options.facingMode }),
      },
    });
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    try {
      await video.play();
    } catch (thrown) {
      stopTracks(stream);
      throw new DeviceError('camera', 'failed', thrown);
    }
    return new Camera(stream, video, options);
  }

  /** Idempotent; the browser's recording sign goes off. */
  close(): void {
    this.#closed = true;
    this.#stopTimer();
    stopTracks(this.stream);
    this.#video.srcObject = null;
  }

  async #take(): Promise<void> {
    if (this.#busy || this.#closed || this.#video.videoWidth === 0) return;
    this.#busy = true;
    try {
      const jpeg = await jpegOf(this.#video);
      if (jpeg && !this.#closed) this.#onFrame(jpeg);
    } finally {
      this.#busy = false;
    }
  }
}

async function jpegOf(video: HTMLVideoElement): Promise<Uint8Array | undefined> {
  const canvas = document.createElement('canvas');
  const size = fitWithin({ width: video.videoWidth, height: video.videoHeight }, MAX_SIDE_PX);
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext('2d')?.drawImage(video, 0, 0, size.width, size.height);
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (blob && blob.size <= MAX_JPEG_BYTES) return new Uint8Array(await blob.arrayBuffer());
  }
  return undefined;
}
