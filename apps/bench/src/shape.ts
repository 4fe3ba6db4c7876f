/** How often callers send, and how much; the model always sends 10 × 4,800 B a second while it talks. */
export interface LoadShape {
  readonly name: string;
  readonly framesPerSecond: number;
  /** PCM16 at 16 kHz. */
  readonly frameBytes: number;
}

export const SHAPES: readonly LoadShape[] = [
  { name: '10 x 3,200 B up', framesPerSecond: 10, frameBytes: 3_200 },
  { name: '25 x 1,280 B up', framesPerSecond: 25, frameBytes: 1_280 },
];

/** The model talks this long, then is silent as long. */
export const TALK_MS = 5_000;
export const MODEL_FRAME_MS = 100;
export const MODEL_FRAME_BYTES = 4_800;
