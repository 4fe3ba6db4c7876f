/** How far a turn has been played. `ended`: nothing of it will follow. */
export interface PlaybackReport {
  readonly turn: number;
  readonly ms: number;
  readonly ended: boolean;
  /** Times that playing ran dry in the middle of a turn, since the start. */
  readonly starvations: number;
}

export interface PlaybackOptions {
  readonly sampleRate: number;
  /** Audio gathered before playing starts, against jitter. */
  readonly startMs: number;
  /** Audio held at most; what comes beyond is refused. */
  readonly maxMs: number;
  readonly reportEveryMs: number;
}

export interface PlaybackBuffer {
  /** Queues PCM16 of a turn and keeps the array. False when the buffer is full. `last`: the turn ends with it. */
  push(turn: number, samples: Int16Array, last: boolean): boolean;
  /** Nothing of the turn will be pushed any more, nor of earlier ones. */
  finish(turn: number): void;
  /** Drops what waits of `turn` and earlier turns; what is heard of it fades out within the next `pull`. */
  flush(turn: number): void;
  /** Fills `out` with the next samples, −1…1, or silence. */
  pull(out: Float32Array): void;
}

/**
 * The agent's speech between the network, which is uneven, and the sound card, which is not.
 *
 * 1. Samples come out in order, each once, without a gap while there are any.
 * 2. Playing starts when `startMs` is there, or has been waited for, or the turn's end is there; it starts that way
 *    again after it ran dry.
 * 3. After `flush` at most one `pull` has sound of the flushed turn: a fade, so that it does not click.
 * 4. `report` tells the played time of a turn at least every `reportEveryMs`, when its last sample is out, and at a
 *    flush, also when nothing of it was played.
 *
 * This function also runs in an AudioWorklet, made from its own source text: it must not use anything that is
 * declared outside of it, nor class fields (compilers put helpers for them outside).
 */
export function createPlaybackBuffer(
  options: PlaybackOptions,
  report: (report: PlaybackReport) => void,
): PlaybackBuffer {
  const samplesPerMs = options.sampleRate / 1000;
  const startSamples = options.startMs * samplesPerMs;
  const maxSamples = options.maxMs * samplesPerMs;
  const reportSamples = options.reportEveryMs * samplesPerMs;
  let queue: { turn: number; samples: Int16Array; last: boolean; at: number }[] = [];
  let waiting = 0;
  let phase: 'idle' | 'filling' | 'playing' = 'idle';
  let waited = 0;
  let turn = -1;
  let played = 0;
  let reported = 0;
  let turnEnded = true;
  let starvations = 0;
  let fade = new Int16Array(0);

  const tell = (ended: boolean): void => {
    reported = played;
    turnEnded = ended;
    report({ turn, ms: played / samplesPerMs, ended, starvations });
  };

  const begin = (next: number): void => {
    if (next === turn) return;
    if (!turnEnded) tell(true);
    turn = next;
    played = reported = 0;
    turnEnded = false;
  };

  const readyToPlay = (): boolean =>
    waiting >= startSamples || waited >= startSamples || queue.some((chunk) => chunk.last);

  const fadeOut = (out: Float32Array): void => {
    const length = Math.min(fade.length, out.length);
    for (let i = 0; i < length; i++) out[i] = ((fade[i] ?? 0) / 32768) * (1 - i / length);
    fade = new Int16Array(0);
  };

  /** Writes from the queue's head; answers how many samples that were. */
  const take = (out: Float32Array, from: number): number => {
    const chunk = queue[0];
    if (!chunk) return 0;
    begin(chunk.turn);
    const count = Math.min(chunk.samples.length - chunk.at, out.length - from);
    for (let i = 0; i < count; i++) out[from + i] = (chunk.samples[chunk.at + i] ?? 0) / 32768;
    chunk.at += count;
    waiting -= count;
    played += count;
    if (chunk.at === chunk.samples.length) {
      queue.shift();
      if (chunk.last) tell(true);
    }
    return count;
  };

  return {
    push(ofTurn, samples, last) {
      if (waiting + samples.length > maxSamples) return false;
      if (phase === 'idle') {
        phase = 'filling';
        waited = 0;
        if (ofTurn === turn && !turnEnded && samples.length > 0) starvations += 1;
      }
      queue.push({ turn: ofTurn, samples, last, at: 0 });
      waiting += samples.length;
      return true;
    },

    finish(upTo) {
      const tail = queue.findLast((chunk) => chunk.turn <= upTo);
      if (tail) tail.last = true;
      else if (turn <= upTo && !turnEnded) tell(true);
    },

    flush(upTo) {
      const head = queue[0];
      if (phase === 'playing' && head && head.turn <= upTo) {
        fade = head.samples.slice(head.at, head.at + 128);
      }
      const unheard = queue.findLast((chunk) => chunk.turn <= upTo && chunk.turn !== turn);
      queue = queue.filter((chunk) => chunk.turn > upTo);
      waiting = queue.reduce((sum, chunk) => sum + chunk.samples.length - chunk.at, 0);
      if (turn <= upTo && !turnEnded) tell(true);
      if (unheard) {
        begin(unheard.turn);
        tell(true);
      }
      phase = queue.length > 0 ? 'filling' : 'idle';
      waited = 0;
    },

    pull(out) {
      out.fill(0);
      if (fade.length > 0) return fadeOut(out);
      if (phase === 'filling') {
        if (readyToPlay()) phase = 'playing';
        else waited += out.length;
      }
      if (phase !== 'playing') return;
      let filled = 0;
      while (queue.length > 0 && filled < out.length) filled += take(out, filled);
      if (queue.length === 0) phase = 'idle';
      if (!turnEnded && played - reported >= reportSamples) tell(false);
    },
  };
}
