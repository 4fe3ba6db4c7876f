import type { ParleyClient } from '@parley/client';
import type { CallStore } from './call-store.js';
import { describeEvent, type EventLine } from './event-line.js';
import { outageMark } from './outage.js';
import { problemOfCode } from './problem.js';
import {
  withCaption,
  withInterruption,
  withMark,
  withToolCall,
  withToolCancelled,
  withToolResponse,
  type Transcript,
} from './transcript.js';

/** Writes what a call tells into the page's state. `call` is the number of this call. */
export function followCall(client: ParleyClient, store: CallStore, call: number): void {
  let startedMs = performance.now();
  let lines = 0;
  const edit = (change: (transcript: Transcript) => Transcript): void =>
    store.change(({ transcript }) => ({ transcript: change(transcript) }));
  const log = (line: Pick<EventLine, 'kind' | 'summary' | 'tone' | 'json'> & Partial<EventLine>): void => {
    lines += 1;
    const atMs = Math.round(performance.now() - startedMs);
    store.addEvent({
      key: `${call}:${lines}`,
      atMs,
      seq: undefined,
      turn: undefined,
      partial: false,
      ...line,
    });
  };
  const firstAudio = (turn: number, ms: number): void =>
    store.change(({ firstAudio: known }) => ({
      firstAudio: [...known.filter((time) => time.turn !== turn), { turn, ms }].slice(-100),
    }));

  client.on('ready', (ready) => {
    startedMs = performance.now();
    store.change({ ready, sessionId: ready.sessionId || store.read().sessionId, connection: 'live' });
    if (ready.remembered > 0) {
      const text = `Called again. The agent remembers ${ready.remembered} events.`;
      edit((transcript) => withMark(transcript, `${call}:again`, text));
    }
    log({ kind: 'ready', summary: `${ready.agent}, ${ready.provider.model}`, tone: 'control', json: ready });
  });
  client.on('event', ({ seq, turn, event }) =>
    log({ ...describeEvent(event), seq, turn, partial: event.partial === true, json: event }),
  );
  client.on('caption', (caption) => edit((transcript) => withCaption(transcript, call, caption)));
  client.on('speaking', (speaking) => store.change({ speaking }));
  client.on('toolCall', ({ turn, call: toolCall }) =>
    edit((transcript) => withToolCall(transcript, call, turn, toolCall)),
  );
  client.on('toolResponse', ({ response }) =>
    edit((transcript) => withToolResponse(transcript, call, response)),
  );
  client.on('toolCancelled', ({ ids }) => edit((transcript) => withToolCancelled(transcript, call, ids)));
  client.on('interrupted', ({ turn }) => {
    const audible = client.speaking === 'agent';
    edit((transcript) => withInterruption(transcript, call, turn, audible));
  });
  client.on('latency', (latency) => {
    firstAudio(latency.turn, latency.firstAudioMs);
    const summary = `first audio after ${latency.firstAudioMs} ms`;
    log({ kind: 'latency', summary, tone: 'control', turn: latency.turn, json: latency });
  });
  client.on('firstAudio', ({ turn, waitedMs }) => {
    // The gateway's own figure, where it gave one, is the truer.
    if (!store.read().firstAudio.some((time) => time.turn === turn)) firstAudio(turn, waitedMs);
  });
  client.on('inputDropped', (dropped) =>
    log({ kind: 'input dropped', summary: `${dropped.ms} ms`, tone: 'error', json: dropped }),
  );
  client.on('goAway', (notice) =>
    log({ kind: 'go away', summary: `in ${notice.inMs} ms`, tone: 'error', json: notice }),
  );
  client.on('reconnecting', (retry) => {
    store.change({ outage: { state: 'line-lost', attempt: retry.attempt } });
    log({
      kind: 'reconnecting',
      summary: `attempt ${retry.attempt}: ${retry.reason}`,
      tone: 'error',
      json: retry,
    });
  });
  client.on('resumed', (resumed) => {
    store.showBack(resumed);
    edit((transcript) => withMark(transcript, `${call}:resumed:${lines}`, outageMark(resumed)));
    const { cause, mode, recovered, gapMs } = resumed;
    const summary = `${cause}, ${mode}, after ${Math.round(gapMs)} ms${recovered ? '' : ', with a gap'}`;
    log({ kind: 'resumed', summary, tone: recovered ? 'control' : 'error', json: resumed });
  });
  client.on('error', (error) => {
    log({ kind: 'error', summary: error.message, tone: 'error', json: error });
    if (!error.fatal) store.change({ problem: problemOfCode(error.code, error.message) });
  });
  client.on('closed', (end) =>
    log({ kind: 'closed', summary: `${end.code} ${end.reason}`, tone: 'control', json: end }),
  );
}
