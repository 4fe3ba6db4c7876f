import type { Clock, Log } from '@parley/kernel';
import type { Brain } from '../brain/brain.js';
import type { Ear, EarOptions } from '../input/ear.js';
import type { ActivityDetectionSetup } from '../codec/setup.js';
import type { VoiceBank } from '../voice/voice.js';
import type { PaceTicker } from './pace-ticker.js';
import type { Resumption } from './resumption.js';
import type { Transcripts } from './transcript.js';

/** What all sessions of an emulator share. */
export interface SessionEnvironment {
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly brain: Brain;
  readonly senses: Senses;
  readonly resumption: Resumption;
  readonly transcripts: Transcripts;
  readonly log: Log;
}

/** How the emulator hears and speaks. */
export interface Senses {
  readonly voices: VoiceBank;
  openEar(
    detection: ActivityDetectionSetup,
    unsetSilenceMs: number,
    options: Omit<EarOptions, 'detector' | 'transcribe' | 'log' | 'onDropped'>,
  ): Ear;
}
