import { pcm16ByteLength, pcm16DurationMs } from '@parley/audio';
import { sleep, type Clock } from '@parley/kernel';
import { SPEECH_RATE_HZ } from './recording.js';

const BLOCK_MS = 40;

/**
 * Hands out speech as a microphone would: block after block of 40 ms, each when it would have been spoken to its
 * end. Due times are absolute, so a late block does not delay those after it. Ends early when `signal` aborts.
 */
export async function paceSpeech(
  clock: Clock,
  pcm16: Uint8Array,
  send: (block: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const blockBytes = pcm16ByteLength(BLOCK_MS, SPEECH_RATE_HZ);
  for (let at = 0; at < pcm16.byteLength && !signal.aborted; at += blockBytes) {
    const block = pcm16.subarray(at, at + blockBytes);
    const dueMs = startedMs + pcm16DurationMs(at + block.byteLength, SPEECH_RATE_HZ);
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs > 0) await sleep(clock, waitMs, signal);
    if (!signal.aborted) send(block);
  }
}
