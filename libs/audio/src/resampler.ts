/**
 * Changes the sample rate of one PCM16 stream.
 *
 * 1. How the stream is cut into chunks (also within a sample) does not change the bytes that come out.
 * 2. After `flush` as many samples have come out as went in, times the ratio of the rates, rounded.
 * 3. Output is aligned with input: sample n of the output sounds at n / toHz.
 */
export interface Resampler {
  /**
   * Takes the next bytes and returns what is ready, which may be nothing; the rest follows within ≈ 2 ms. Between
   * equal rates that is the input itself.
   */
  push(pcm16: Uint8Array): Uint8Array;
  /** Ends the stream and returns its tail. The resampler then stands ready for another stream. */
  flush(): Uint8Array;
}
