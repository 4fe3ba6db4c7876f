import type { RealtimeInput } from '../codec/client-message.js';
import { rateOfMimeType } from '../input/audio-intake.js';
import type { ScenarioEvent } from './cue.js';

/** Counts what a session hears and sees, as the events that rules react to. */
export class MediaMeter {
  #audioMs = 0;
  #frames = 0;

  /** In the order in which the message carries them. */
  take(input: RealtimeInput): ScenarioEvent[] {
    return [input.audio, input.video, ...input.mediaChunks].flatMap((blob): ScenarioEvent[] => {
      if (blob?.mimeType.startsWith('image/')) {
        this.#frames += 1;
        return [{ kind: 'video', frame: this.#frames }];
      }
      const rateHz = blob && rateOfMimeType(blob.mimeType);
      if (!blob || rateHz === undefined) return [];
      const fromMs = this.#audioMs;
      this.#audioMs += (blob.bytes.length / 2 / rateHz) * 1000;
      return [{ kind: 'audio', fromMs, toMs: this.#audioMs }];
    });
  }
}
