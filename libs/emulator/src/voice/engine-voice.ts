import { ParleyError, type Log } from '@parley/kernel';
import type { SpeechEngine } from '@parley/speech';
import { markSpeech, spreadWords } from './marked-speech.js';
import { VOICE_RATE_HZ, type SpokenSentence, type Voice, type VoiceBank } from './voice.js';
import { samplesOf } from './watermark.js';

const DEFAULT_VOICE = 'Kore';
/** A pause between sentences, which the engine doesn't make by itself. */
const PAUSE_SAMPLES = VOICE_RATE_HZ * 0.15;
/** Below this a sample counts as silence when the speech's borders are looked for. */
const QUIET = 300;

/**
 * Speech of a local engine, marked with its words like all of the emulator's speech. A sentence that the engine
 * can't speak is spoken by `fallback`.
 */
export function engineVoices(engine: SpeechEngine, fallback: VoiceBank, log: Log): VoiceBank {
  return (voiceName) => ({
    async speak(sentence, signal): Promise<SpokenSentence> {
      try {
        const pcm = await engine.synthesize(sentence, voiceName ?? DEFAULT_VOICE, signal);
        return markEngineSpeech(sentence, samplesOf(pcm));
      } catch (error) {
        if (signal.aborted) throw new ParleyError('internal', 'Speaking was cancelled.', { cause: error });
        log.warn('the speech engine failed on a sentence, a synthetic voice speaks it', { error });
        const spare: Voice = fallback(voiceName);
        return spare.speak(sentence, signal);
      }
    },
  });
}

function markEngineSpeech(sentence: string, speech: Int16Array): SpokenSentence {
  const loud = (sample: number): boolean => Math.abs(sample) > QUIET;
  const from = Math.max(0, speech.findIndex(loud));
  const to = speech.findLastIndex(loud) + 1;
  const samples = new Int16Array(speech.length + PAUSE_SAMPLES);
  samples.set(speech);
  return markSpeech(samples, spreadWords(sentence, from, to > from ? to : samples.length));
}
