import { LagHistogram } from '../session/lag-histogram.js';

/** What an emulator counts, since its start. */
export class EmulatorStats {
  sessionsOpened = 0;
  sessionsClosed = 0;
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Chunks of microphone audio dropped because hearing could not keep up. */
  audioChunksDropped = 0;
  /** Connections cut off because the client read too slowly. */
  slowClients = 0;
  /** How late paced messages went out. */
  readonly lag = new LagHistogram();
}
