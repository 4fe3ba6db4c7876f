import type { FunctionResponse } from '@parley/event';
import type { Clock } from '@parley/kernel';
import type { SentStamp } from './model-input.js';

/** What is known of a call when its result goes to the model. */
export interface AnsweredCall {
  /** Whether the newest handle was issued before the call: then a resumed session does not know it. */
  readonly newerThanHandle: boolean;
  readonly blocking: boolean;
}

export interface ResultMessage {
  readonly responses: readonly FunctionResponse[];
  readonly stamp: SentStamp;
}

interface UnsavedResult {
  readonly response: FunctionResponse;
  readonly bytes: number;
  readonly sentAtMs: number;
  /** Of the message that it went in, the same object for all that went in one. */
  readonly stamp: SentStamp;
  readonly blocking: boolean;
  callIsNewer: boolean;
  /** The model has said something since that it would not have said without the result. */
  heeded: boolean;
}

/** A new socket takes some two mebibytes at once before its gate takes it for stuck. */
const MAX_BYTES = 1024 * 1024;
const MAX_RESULTS = 256;
const MAX_CHUNKS = 64;
/** A handle that comes so soon after a result may have been issued before the result was there. */
const CROSSING_MS = 2_000;

/**
 * Results of tools that were sent to the model and are in no handle yet: a session that is taken up again with the
 * handle before them waits for those whose calls it knows.
 *
 * 1. A handle saves what was sent before it, unless the two may have crossed: the result is younger than two seconds
 *    and the model has not gone on since. Where the provider tells how far it has read, that decides alone.
 * 2. `takeKnown` gives what has to be sent again, in order and in the messages of the first time, and forgets it:
 *    what is sent again is told by `sent` again.
 * 3. Bounded: 256 results and 1 MiB, of which the oldest fall out; 64 chunks of one call, then only its last.
 */
export class UnsavedResults {
  readonly #clock: Clock;
  #results: UnsavedResult[] = [];
  #bytes = 0;
  #lost = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the model has still to answer what a result is for, to a call that no handle knows. */
  get answerAwaited(): boolean {
    return this.#results.some(
      ({ callIsNewer, heeded, response }) => callIsNewer && !heeded && response.scheduling !== 'SILENT',
    );
  }

  /** `callOf` answers undefined for a call that this connection never saw: then only a handle can know it. */
  sent(
    { responses, stamp }: ResultMessage,
    callOf: (response: FunctionResponse) => AnsweredCall | undefined,
  ): void {
    const sentAtMs = this.#clock.monotonicMs();
    for (const response of responses) {
      const call = callOf(response);
      const callIsNewer = call?.newerThanHandle ?? response.id === '';
      const blocking = call?.blocking === true;
      const bytes = bytesOf(response);
      this.#boundChunks(response.id);
      this.#results.push({ response, bytes, sentAtMs, stamp, blocking, callIsNewer, heeded: false });
      this.#bytes += bytes;
    }
    while (this.#bytes > MAX_BYTES || this.#results.length > MAX_RESULTS) {
      const oldest = this.#results[0];
      this.#lose((result) => result === oldest);
    }
  }

  /** The model says or calls something; `began`: in a turn that begins with it. */
  modelWentOn(began: boolean): void {
    for (const result of this.#results) result.heeded ||= began || result.blocking;
  }

  handleIssued(): void {
    const crossedSinceMs = this.#clock.monotonicMs() - CROSSING_MS;
    this.#saved(({ heeded, sentAtMs, stamp }) => {
      return stamp.index !== undefined && (heeded || sentAtMs <= crossedSinceMs);
    });
  }

  /** The provider keeps, with its newest handle, all messages up to the `index`th of this connection. */
  consumed(index: number): void {
    this.#saved(({ stamp }) => stamp.index !== undefined && stamp.index <= index);
  }

  /** Of a session that is taken up again: what it has to be sent again, and how much of that is missing. */
  takeKnown(): { readonly messages: readonly ResultMessage[]; readonly lost: number } {
    const byStamp = new Map<SentStamp, FunctionResponse[]>();
    for (const { callIsNewer, response, stamp } of this.#results) {
      if (callIsNewer) continue;
      const responses = byStamp.get(stamp);
      if (responses) responses.push(response);
      else byStamp.set(stamp, [response]);
    }
    const lost = this.#lost;
    this.clear();
    const messages = [...byStamp.values()].map((responses) => ({ responses, stamp: { index: undefined } }));
    return { messages, lost };
  }

  clear(): void {
    this.#results = [];
    this.#bytes = 0;
    this.#lost = 0;
  }

  #saved(which: (result: UnsavedResult) => boolean): void {
    this.#drop(which);
    this.#lost = 0;
    for (const result of this.#results) result.callIsNewer = false;
  }

  #boundChunks(id: string): void {
    const isOfCall = ({ response }: UnsavedResult): boolean => response.id === id;
    if (id !== '' && this.#results.filter(isOfCall).length >= MAX_CHUNKS) this.#lose(isOfCall);
  }

  #lose(which: (result: UnsavedResult) => boolean): void {
    const before = this.#results.length;
    this.#drop(which);
    this.#lost += before - this.#results.length;
  }

  #drop(which: (result: UnsavedResult) => boolean): void {
    this.#results = this.#results.filter((result) => !which(result));
    this.#bytes = this.#results.reduce((bytes, result) => bytes + result.bytes, 0);
  }
}

/** About what it takes on the wire. */
function bytesOf({ parts = [], response }: FunctionResponse): number {
  const media = parts.reduce((bytes, { inlineData }) => bytes + (inlineData?.data.length ?? 0) * (4 / 3), 0);
  return JSON.stringify(response).length + media;
}
