import { ParleyError } from '@parley/kernel';
import { meanSquareToDbfs } from './level.js';
import { joinSample } from './pcm16.js';

export interface SpeechEnergyOptions {
  readonly rateHz: number;
  /** HIGH hears speech sooner, LOW lets more noise pass. Default HIGH. */
  readonly sensitivity?: 'HIGH' | 'LOW';
  /** How much speech must be heard before a start is reported; default 100, at most 2,000. */
  readonly prefixPaddingMs?: number;
  /** How much quiet must be heard before an end is reported; default 800. */
  readonly silenceDurationMs?: number;
}

/** A border of speech; `atMs` counts from the first sample that was ever pushed. */
export interface SpeechEdge {
  readonly kind: 'start' | 'end';
  readonly atMs: number;
}

const FRAME_MS = 20;
const FLOOR_FRAMES = 2000 / FRAME_MS;
/** A stream is taken to follow two seconds in a quiet room, so that it may begin in the middle of a word. */
const QUIET_ROOM_DBFS = -60;
const HYSTERESIS_DB = 3;
const VOICED_SHARE = 0.7;
const MAX_PREFIX_MS = 2000;
const THRESHOLDS = {
  HIGH: { aboveFloorDb: 9, gateDbfs: -45 },
  LOW: { aboveFloorDb: 15, gateDbfs: -38 },
} as const;
const NO_EDGES: readonly SpeechEdge[] = [];

/**
 * Finds speech in PCM16 by loudness alone: cheap, and good enough where a provider or an emulator needs turns
 * rather than words. A frame of 20 ms is voiced when it is louder than the quietest of the last two seconds by
 * a margin and louder than an absolute gate.
 *
 * 1. Works in audio time only: how the stream is cut into chunks, and how fast they come, changes nothing.
 * 2. Edges alternate, beginning with a start, and their times never fall.
 * 3. A start lies at the first voiced frame of the window that proved it, an end behind the last voiced frame.
 */
export class SpeechEnergy {
  readonly #frameSamples: number;
  readonly #frameMs: number;
  readonly #aboveFloorDb: number;
  readonly #gateDbfs: number;
  readonly #levels = new Float64Array(FLOOR_FRAMES).fill(QUIET_ROOM_DBFS);
  readonly #window: Uint8Array;
  readonly #neededVoiced: number;
  readonly #neededQuiet: number;
  #voicedInWindow = 0;
  #quietFrames = 0;
  #lastVoicedFrame = 0;
  #frame = 0;
  #speaking = false;
  #sum = 0;
  #samplesInFrame = 0;
  #lowByte = -1;

  constructor(options: SpeechEnergyOptions) {
    const { rateHz, sensitivity = 'HIGH', prefixPaddingMs = 100, silenceDurationMs = 800 } = options;
    if (!(rateHz >= 4000 && rateHz <= 192_000)) {
      throw new ParleyError('unsupported_audio', 'The sample rate must lie between 4,000 and 192,000 Hz.', {
        kind: 'invalid_argument',
        details: { rateHz },
      });
    }
    this.#frameSamples = Math.round((rateHz * FRAME_MS) / 1000);
    this.#frameMs = (this.#frameSamples / rateHz) * 1000;
    this.#aboveFloorDb = THRESHOLDS[sensitivity].aboveFloorDb;
    this.#gateDbfs = THRESHOLDS[sensitivity].gateDbfs;
    this.#window = new Uint8Array(framesIn(Math.min(prefixPaddingMs, MAX_PREFIX_MS)));
    this.#neededVoiced = Math.ceil(this.#window.length * VOICED_SHARE);
    this.#neededQuiet = framesIn(silenceDurationMs);
  }

  /** Whether a start was reported and its end was not. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** Takes the next bytes of the stream (any number, also half a sample) and returns the edges they prove. */
  push(pcm16: Uint8Array): readonly SpeechEdge[] {
    let edges: SpeechEdge[] | undefined;
    let at = 0;
    if (this.#lowByte >= 0 && pcm16.length > 0) {
      this.#sum += joinSample(this.#lowByte, pcm16[0] ?? 0) ** 2;
      this.#samplesInFrame += 1;
      this.#lowByte = -1;
      at = 1;
      const edge = this.#endFrameIfFull();
      if (edge) (edges ??= []).push(edge);
    }
    while (at + 1 < pcm16.length) {
      const stop = Math.min(pcm16.length - 1, at + 2 * (this.#frameSamples - this.#samplesInFrame));
      const from = at;
      let sum = this.#sum;
      for (; at < stop; at += 2) {
        const sample = joinSample(pcm16[at] ?? 0, pcm16[at + 1] ?? 0);
        sum += sample * sample;
      }
      this.#sum = sum;
      this.#samplesInFrame += (at - from) / 2;
      const edge = this.#endFrameIfFull();
      if (edge) (edges ??= []).push(edge);
    }
    if (at < pcm16.length) this.#lowByte = pcm16[at] ?? 0;
    return edges ?? NO_EDGES;
  }

  /** The stream pauses: speech that is under way ends now, without waiting for quiet. */
  flush(): readonly SpeechEdge[] {
    return this.#speaking ? [this.#endSpeech()] : NO_EDGES;
  }

  #endFrameIfFull(): SpeechEdge | undefined {
    if (this.#samplesInFrame < this.#frameSamples) return undefined;
    const levelDbfs = meanSquareToDbfs(this.#sum / this.#frameSamples);
    this.#sum = 0;
    this.#samplesInFrame = 0;
    this.#levels[this.#frame % FLOOR_FRAMES] = levelDbfs;
    const thresholdDbfs = Math.max(this.#floorDbfs() + this.#aboveFloorDb, this.#gateDbfs);
    const voiced = levelDbfs > (this.#speaking ? thresholdDbfs - HYSTERESIS_DB : thresholdDbfs);
    this.#frame += 1;
    if (voiced) this.#lastVoicedFrame = this.#frame;
    return this.#speaking ? this.#listenForEnd(voiced) : this.#listenForStart(voiced);
  }

  #floorDbfs(): number {
    let floor = 0;
    for (let i = 0; i < FLOOR_FRAMES; i++) floor = Math.min(floor, this.#levels[i] ?? 0);
    return floor;
  }

  #listenForStart(voiced: boolean): SpeechEdge | undefined {
    const slot = (this.#frame - 1) % this.#window.length;
    this.#voicedInWindow += (voiced ? 1 : 0) - (this.#window[slot] ?? 0);
    this.#window[slot] = voiced ? 1 : 0;
    if (this.#voicedInWindow < this.#neededVoiced) return undefined;
    let age = this.#window.length;
    while (this.#window[(this.#frame + this.#window.length - age) % this.#window.length] === 0) age -= 1;
    this.#speaking = true;
    this.#quietFrames = 0;
    return this.#edge('start', this.#frame - age);
  }

  #listenForEnd(voiced: boolean): SpeechEdge | undefined {
    this.#quietFrames = voiced ? 0 : this.#quietFrames + 1;
    return this.#quietFrames >= this.#neededQuiet ? this.#endSpeech() : undefined;
  }

  #endSpeech(): SpeechEdge {
    this.#speaking = false;
    this.#window.fill(0);
    this.#voicedInWindow = 0;
    return this.#edge('end', this.#lastVoicedFrame);
  }

  #edge(kind: SpeechEdge['kind'], frame: number): SpeechEdge {
    return { kind, atMs: Math.round(frame * this.#frameMs) };
  }
}

function framesIn(durationMs: number): number {
  return Math.max(1, Math.round(durationMs / FRAME_MS));
}
