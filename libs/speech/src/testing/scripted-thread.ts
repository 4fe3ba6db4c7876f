import type * as workerThreads from 'node:worker_threads';
import type { ThreadMessage, ThreadReport, ThreadResult } from '../thread-protocol.js';

/**
 * A thread script that keeps the thread protocol and understands a few words instead of speech. Sentences:
 * `hold` lasts until it is cancelled, `hang` hears nothing any more, `crash` throws out of the thread, and any other is
 * done with its own bytes. Transcribing is done with the number of bytes, hearing with how many windows the
 * microphone has been heard for.
 */
export function scriptedThread(behaviour: ThreadBehaviour = 'loads'): URL {
  const script = `(${run.toString()})(await import('node:worker_threads'), ${JSON.stringify(behaviour)})`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

/** `no-transcription`: cannot load that; `silent`: never reports; `crashes`: ends while it loads. */
export type ThreadBehaviour = 'loads' | 'no-transcription' | 'silent' | 'crashes';

/** Becomes the script, so it sees nothing of this module. */
function run(threads: typeof workerThreads, behaviour: ThreadBehaviour): void {
  const { parentPort: port } = threads;
  if (!port) return;
  const heard = new Map<number, number>();
  const held = new Set<number>();
  const report = (what: ThreadReport): void => port.postMessage(what);
  const done = (id: number, result: ThreadResult): void => report({ kind: 'done', id, result });
  const speak = (id: number, text: string): void => {
    if (text === 'hold') held.add(id);
    else if (text === 'hang') for (;;);
    else if (text === 'crash') throw new Error('the thread was told to crash');
    else done(id, new TextEncoder().encode(text));
  };
  port.on('message', (message: ThreadMessage) => {
    if (message.kind === 'close') port.close();
    if (message.kind === 'forget') heard.delete(message.microphone);
    if (message.kind === 'cancel' && held.delete(message.id)) {
      report({
        kind: 'failed',
        id: message.id,
        code: 'internal',
        message: 'cancelled',
        retryable: false,
        cause: 'cancelled',
      });
    }
    if (message.kind !== 'job') return;
    const { id, job } = message;
    if (job.kind === 'synthesize') speak(id, job.text);
    if (job.kind === 'transcribe') done(id, String(job.pcm16k.length));
    if (job.kind === 'hear') {
      const windows = (heard.get(job.microphone) ?? 0) + 1;
      heard.set(job.microphone, windows);
      done(id, windows);
    }
  });
  const ok = { available: true, engine: 'scripted' } as const;
  const bad = { available: false, reason: 'its model is not installed' } as const;
  if (behaviour === 'crashes') throw new Error('no memory for the model');
  if (behaviour === 'silent') return;
  const transcription = behaviour === 'no-transcription' ? bad : ok;
  report({ kind: 'ready', capabilities: { vad: ok, transcription, synthesis: ok } });
}
