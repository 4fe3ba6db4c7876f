import { SpeechEnergy, type SpeechEdge } from '@parley/audio';
import type { ActivityDetectionSetup } from '../codec/setup.js';

/** What detectors and transcription work on: PCM16 mono 16 kHz in windows of 512 samples. */
export const HEARING_RATE_HZ = 16_000;
export const WINDOW_SAMPLES = 512;
export const WINDOW_MS = (WINDOW_SAMPLES * 1000) / HEARING_RATE_HZ;

/** Finds the borders of speech in one microphone's windows. Edges alternate, beginning with a start. */
export interface SpeechDetector {
  /** `marked`: a watermark says that this window is speech. */
  push(window: Uint8Array, marked: boolean): readonly SpeechEdge[] | Promise<readonly SpeechEdge[]>;
  /** The stream pauses: speech that is under way ends now. */
  flush(): readonly SpeechEdge[];
  close(): void;
}

/** Google's own silence before it takes a turn as over is about 800 ms, 500 when told to be quick. */
export function silenceDurationOf(setup: ActivityDetectionSetup, unset: number): number {
  return setup.silenceDurationMs ?? (setup.endSensitivity === 'HIGH' ? Math.min(500, unset) : unset);
}

/** Speech by loudness alone; watermarked speech is loud enough to need no word from the watermark. */
export function energyDetector(setup: ActivityDetectionSetup, unsetSilenceMs: number): SpeechDetector {
  const energy = new SpeechEnergy({
    rateHz: HEARING_RATE_HZ,
    silenceDurationMs: silenceDurationOf(setup, unsetSilenceMs),
    ...(setup.startSensitivity && { sensitivity: setup.startSensitivity }),
    ...(setup.prefixPaddingMs !== undefined && { prefixPaddingMs: setup.prefixPaddingMs }),
  });
  return {
    push: (window) => energy.push(window),
    flush: () => energy.flush(),
    close: () => undefined,
  };
}
