import type { Log } from '@parley/kernel';
import type { SpeechEngine } from '@parley/speech';
import { Ear } from '../input/ear.js';
import { NeuralDetector } from '../input/neural-detector.js';
import { energyDetector, type SpeechDetector } from '../input/speech-detector.js';
import type { Senses } from '../session/session-environment.js';
import type { EmulatorStats } from './emulator-stats.js';
import { engineVoices } from '../voice/engine-voice.js';
import { formantVoices } from '../voice/formant-voice.js';

/**
 * Ears and voices from what the engine can do; whatever it can't (or all, without one) is done by loudness, by
 * watermark and by the synthetic voice. The engine stays its owner's to close.
 */
export function sensesOf(engine: SpeechEngine | undefined, stats: EmulatorStats, log: Log): Senses {
  const can = engine?.capabilities;
  const formants = formantVoices();
  return {
    voices: engine && can?.synthesis.available ? engineVoices(engine, formants, log) : formants,
    openEar: (detection, unsetSilenceMs, options) => {
      const openDetector = (): SpeechDetector =>
        engine && can?.vad.available
          ? new NeuralDetector(engine.openVad(), detection, unsetSilenceMs)
          : energyDetector(detection, unsetSilenceMs);
      const transcribe =
        engine && can?.transcription.available
          ? (pcm16k: Uint8Array, signal: AbortSignal): Promise<string> => engine.transcribe(pcm16k, signal)
          : undefined;
      return new Ear({
        ...options,
        detector: detection.disabled ? undefined : openDetector(),
        transcribe,
        log,
        onDropped: () => {
          stats.audioChunksDropped += 1;
        },
      });
    },
  };
}
