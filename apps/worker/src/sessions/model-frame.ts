/** The model's audio is PCM16 mono 24 kHz: 48 bytes a millisecond. */
export const MODEL_BYTES_PER_MS = 48;

/** Audio of the model as it goes down to a client. */
export interface ModelFrame {
  readonly turn: number;
  readonly durationMs: number;
  /** Where in its turn the audio of the frame ends. */
  readonly endMs: number;
  /** With its header: the same each time that it is sent. */
  readonly bytes: Uint8Array;
}
