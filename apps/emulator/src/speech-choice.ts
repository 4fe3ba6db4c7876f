import type { SpeechMode } from '@parley/emulator';
import { toParleyError, type Log } from '@parley/kernel';
import { openSpeechEngine, type SpeechCapabilities } from '@parley/speech';

export interface SpeechChoice {
  readonly mode: SpeechMode;
  /** For the ready line: how it hears and speaks, and why it doesn't do better. */
  readonly report: SpeechReport;
  close(): Promise<void>;
}

export interface SpeechReport {
  readonly mode: SpeechMode['mode'];
  readonly capabilities?: SpeechCapabilities;
  /** Why speech is synthetic although real speech was wanted. */
  readonly fallback?: string;
}

/** Loads the speech engine when real speech is wanted; without any of it the emulator is synthetic, and says why. */
export async function chooseSpeech(wanted: SpeechMode['mode'], log: Log): Promise<SpeechChoice> {
  const plain = (mode: 'synthetic' | 'cheap', report: Partial<SpeechReport> = {}): SpeechChoice => ({
    mode: { mode },
    report: { mode, ...report },
    close: () => Promise.resolve(),
  });
  if (wanted !== 'real') return plain(wanted);
  try {
    const engine = await openSpeechEngine({ log });
    const { capabilities } = engine;
    const states = [capabilities.vad, capabilities.transcription, capabilities.synthesis];
    const reasons = states.flatMap((state) => (state.available ? [] : [state.reason]));
    if (reasons.length > 0) log.warn('not all of local speech is available', { reasons });
    if (reasons.length === states.length) {
      await engine.close();
      return plain('synthetic', { capabilities, fallback: 'none of the speech packages could be loaded' });
    }
    return {
      mode: { mode: 'real', engine },
      report: { mode: 'real', capabilities },
      close: () => engine.close(),
    };
  } catch (thrown) {
    const error = toParleyError(thrown);
    log.warn('local speech can not start, speech is synthetic', { error });
    return plain('synthetic', { fallback: error.message });
  }
}
