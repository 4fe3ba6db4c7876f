import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { toParleyError } from '@parley/kernel';
import { LoadedSpeech } from '../loaded-speech.js';
import type { ThreadJob, ThreadMessage, ThreadReport, ThreadSetup } from '../thread-protocol.js';

/**
 * A speech thread: loads what `ThreadSetup` names, reports `ready`, then works off jobs one after another in the
 * order in which they came. Ends by itself after `close`, once the job under way is done.
 */
if (isMainThread || !parentPort) throw new Error('speech.thread runs as a worker thread only');
const port = parentPort;
const { serves } = workerData as ThreadSetup;

const speech = await LoadedSpeech.load(serves);
const running = new Map<number, AbortController>();
let turn: Promise<void> = Promise.resolve();
let closing = false;

port.on('message', (message: ThreadMessage) => {
  switch (message.kind) {
    case 'job':
      running.set(message.id, new AbortController());
      turn = turn.then(() => perform(message.id, message.job));
      break;
    case 'cancel':
      running.get(message.id)?.abort();
      break;
    case 'forget':
      turn = turn.then(() => speech.forget(message.microphone));
      break;
    case 'close':
      closing = true;
      for (const job of running.values()) job.abort();
      turn = turn.then(() => speech.release()).then(() => port.close());
      break;
  }
});
report({ kind: 'ready', capabilities: speech.capabilities });

async function perform(id: number, job: ThreadJob): Promise<void> {
  const { signal } = running.get(id) ?? new AbortController();
  try {
    signal.throwIfAborted();
    const result = await speech.perform(job, signal);
    report({ kind: 'done', id, result });
  } catch (error) {
    const { code, message, retryable } = toParleyError(error);
    report({ kind: 'failed', id, code, message, retryable, cause: String(error) });
  } finally {
    running.delete(id);
  }
}

function report(what: ThreadReport): void {
  if (closing) return;
  const audio = what.kind === 'done' && what.result instanceof Uint8Array ? [what.result.buffer] : [];
  port.postMessage(what, audio);
}
