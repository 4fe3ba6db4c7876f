import { CODEC_MIME, type MediaFrame } from '@parley/wire';

/** More frames than a gateway keeps to send again. */
const MAX_REMEMBERED = 2_048;

/**
 * Of the media frames that came by one channel, how many need not be sent again to another owner: all but those at the
 * end which the model may not have taken in yet.
 */
export class SettledFrames {
  /** Of the newest frames, oldest first. */
  readonly #durationsMs: number[] = [];
  #received = 0;

  received(frame: MediaFrame | undefined): void {
    this.#received += 1;
    this.#durationsMs.push(frame ? durationMs(frame) : 0);
    if (this.#durationsMs.length > MAX_REMEMBERED) this.#durationsMs.shift();
  }

  /** `unsettledMs`: how much of the newest audio is not settled. */
  count(unsettledMs: number): number {
    let coveredMs = 0;
    let unsettled = 0;
    while (coveredMs < unsettledMs && unsettled < this.#durationsMs.length) {
      unsettled += 1;
      coveredMs += this.#durationsMs.at(-unsettled) ?? 0;
    }
    return this.#received - unsettled;
  }
}

/** Of PCM16; an image takes no time. */
function durationMs({ codec, payload }: MediaFrame): number {
  const rate = /^audio\/pcm;rate=(\d+)$/.exec(CODEC_MIME[codec])?.[1];
  return rate === undefined ? 0 : payload.byteLength / (Number(rate) / 500);
}
