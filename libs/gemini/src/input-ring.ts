import type { FunctionResponse } from '@parley/event';
import type { Clock } from '@parley/kernel';
import { textOf } from './client-content.js';
import type { ModelInput, SentStamp } from './model-input.js';
import { realtimeFormat, type RealtimeFormat } from './realtime-frames.js';

/** What of the user is kept for a session that has to be taken up again. */
const MAX_AUDIO_MS = 10_000;
/** What a new socket takes at once: more would be dropped by its gate. */
const MAX_AUDIO_BYTES = 352 * 1024;
const MAX_CONTROLS = 64;

export interface RingEntry {
  readonly input: ModelInput;
  readonly order: number;
  readonly atMs: number;
  readonly stamp: SentStamp;
  /** 0 for what is not audio. */
  readonly audioMs: number;
  sent: boolean;
}

/** What did not fit and so can not be said again. */
export interface RingLoss {
  readonly audioMs: number;
  readonly controls: number;
}

/**
 * What was said to the model and is in no handle yet: a session that is taken up again has to hear it again. Between
 * two sockets it also holds what has not been said at all.
 *
 * 1. Bounded: audio of the last 10 s (and 352 KiB), the newest image, 64 other inputs; what falls out is counted.
 * 2. What a turn of the model has answered goes, when that turn is over; what it answers stays until then.
 * 3. With a new handle goes what is silence to all appearance; an unanswered utterance or turn stays.
 * 4. Responses of tools are kept only until they are said, once: from then on `UnsavedResults` has them.
 * 5. `takeAll` gives everything in the order in which it came.
 */
export class InputRing {
  readonly #clock: Clock;
  #entries: RingEntry[] = [];
  #nextOrder = 0;
  /** Of the last chunk: a microphone does not change its type. */
  #format: RealtimeFormat | undefined;
  /** Entries before this one are what the model is answering. */
  #turnMark = 0;
  #audioMs = 0;
  #audioBytes = 0;
  #controls = 0;
  #unsentBytes = 0;
  #lostAudioMs = 0;
  #lostControls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes of media that no socket has been given. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** How much audio is kept. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Nothing has fallen out since the last handle. */
  get complete(): boolean {
    return this.#lostAudioMs === 0 && this.#lostControls === 0;
  }

  /** The user's written turns that have not been answered. */
  get unansweredTexts(): readonly string[] {
    return this.#entries.flatMap(({ input }) => (input.kind === 'content' ? [textOf(input.content)] : []));
  }

  add(input: ModelInput, sent: boolean): RingEntry {
    const entry: RingEntry = {
      input,
      order: this.#nextOrder++,
      atMs: this.#clock.monotonicMs(),
      stamp: { index: undefined },
      audioMs: this.#audioMsOf(input),
      sent,
    };
    if (sent && input.kind === 'toolResponse') return entry;
    if (isImage(entry)) this.#drop(isImage);
    this.#entries.push(entry);
    this.#account(entry, 1);
    this.#trim();
    return entry;
  }

  turnBegan(): void {
    this.#turnMark = this.#nextOrder;
  }

  /** The turn that began last is over. Of what it answered, speech since `speakingSinceMs` was not meant for it. */
  turnEnded(speakingSinceMs = Number.POSITIVE_INFINITY): void {
    const mark = this.#turnMark;
    this.#drop(({ atMs, input, order, sent }) => {
      return sent && order < mark && (input.kind === 'content' || atMs < speakingSinceMs);
    });
  }

  /** A turn without output is over: it was the answer to everything but what the user is saying. */
  allAnswered(speakingSinceMs?: number): void {
    this.turnBegan();
    this.turnEnded(speakingSinceMs);
  }

  /** A new handle is there; of what came before `sinceMs`, only unanswered turns of text are kept. */
  handleIssued(sinceMs: number): void {
    this.#drop(({ atMs, input, sent }) => sent && atMs < sinceMs && input.kind !== 'content');
    this.#forgetLosses();
  }

  /** The provider keeps, with its newest handle, all messages up to the `index`th of this connection. */
  consumed(index: number): void {
    this.#drop(({ stamp }) => stamp.index !== undefined && stamp.index <= index);
  }

  /** Leaves out responses that the session now listening never asked for. */
  keepResponses(wanted: (responses: readonly FunctionResponse[]) => readonly FunctionResponse[]): void {
    this.#entries = this.#entries.flatMap((entry): RingEntry[] => {
      const { input } = entry;
      if (input.kind !== 'toolResponse') return [entry];
      const responses = wanted(input.responses);
      if (responses.length > 0) return [{ ...entry, input: { ...input, responses } }];
      this.#account(entry, -1);
      return [];
    });
  }

  /** Everything, to be said on a new socket; and what is missing from it. What stays in the ring counts as said. */
  takeAll(): { readonly entries: readonly RingEntry[]; readonly lost: RingLoss } {
    const first = this.#entries.find(({ input }) => input.kind !== 'interrupt')?.order ?? this.#nextOrder;
    this.#drop(({ order }) => order < first);
    const entries = this.#entries;
    const lost = { audioMs: this.#lostAudioMs, controls: this.#lostControls };
    this.#drop(({ input }) => input.kind === 'toolResponse');
    for (const entry of entries) {
      entry.sent = true;
      entry.stamp.index = undefined;
    }
    this.#unsentBytes = 0;
    this.#turnMark = 0;
    this.#forgetLosses();
    return { entries, lost };
  }

  clear(): void {
    this.#drop(() => true);
  }

  #trim(): void {
    while (this.#audioMs > MAX_AUDIO_MS || this.#audioBytes > MAX_AUDIO_BYTES) {
      const dropped = this.#dropFirst((entry) => entry.audioMs > 0);
      if (!dropped) break;
      this.#lostAudioMs += dropped.audioMs;
    }
    while (this.#controls > MAX_CONTROLS) {
      if (!this.#dropFirst(isMereControl)) break;
      this.#lostControls += 1;
    }
  }

  #dropFirst(which: (entry: RingEntry) => boolean): RingEntry | undefined {
    const index = this.#entries.findIndex(which);
    // Nearly always the first one, which `shift` takes off far more cheaply.
    const [dropped] = index > 0 ? this.#entries.splice(index, 1) : index === 0 ? [this.#entries.shift()] : [];
    if (dropped) this.#account(dropped, -1);
    return dropped;
  }

  #drop(which: (entry: RingEntry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => {
      if (!which(entry)) return true;
      this.#account(entry, -1);
      return false;
    });
  }

  #account({ audioMs, input, sent }: RingEntry, sign: 1 | -1): void {
    if (input.kind !== 'realtime') {
      this.#controls += sign;
      return;
    }
    const bytes = input.blob.data.length;
    if (!sent) this.#unsentBytes += sign * bytes;
    if (audioMs === 0) return;
    this.#audioMs += sign * audioMs;
    this.#audioBytes += sign * bytes;
  }

  #audioMsOf(input: ModelInput): number {
    if (input.kind !== 'realtime') return 0;
    const { mimeType, data } = input.blob;
    if (this.#format?.mimeType !== mimeType) this.#format = realtimeFormat(mimeType);
    const bytesPerMs = this.#format?.audioBytesPerMs;
    return bytesPerMs === undefined ? 0 : data.length / bytesPerMs;
  }

  #forgetLosses(): void {
    this.#lostAudioMs = 0;
    this.#lostControls = 0;
  }
}

function isImage({ audioMs, input }: RingEntry): boolean {
  return input.kind === 'realtime' && audioMs === 0;
}

/** Results of tools are never dropped. */
function isMereControl({ input }: RingEntry): boolean {
  return input.kind !== 'realtime' && input.kind !== 'toolResponse';
}
