import type { SpeechEdge } from '@parley/audio';
import type { Log } from '@parley/kernel';
import { AudioIntake, type IntakeItem } from './audio-intake.js';
import type { SpeechDetector } from './speech-detector.js';
import { Utterance, type HeardUtterance, type Transcribe } from './utterance.js';

export interface EarOptions {
  /** Undefined when the client marks activity itself. */
  readonly detector: SpeechDetector | undefined;
  readonly transcribe: Transcribe | undefined;
  /** Whether captions are wanted while the user speaks. */
  readonly captions: boolean;
  readonly log: Log;
  /** Audio had to be dropped, since listening could not keep up. */
  readonly onDropped: () => void;
  /** `atMs` counts from the first sample; undefined where the client marks activity itself. */
  readonly onSpeechStart: (atMs?: number) => void;
  readonly onSpeechEnd?: (atMs?: number) => void;
  /** One call of this ear was worked off; of audio its length, 0 for the others. */
  readonly onHeard?: (durationMs: number) => void;
  readonly onCaption: (piece: string) => void;
  readonly onUtterance: (utterance: HeardUtterance) => void;
}

type EarTask =
  | { readonly kind: 'audio'; readonly bytes: Uint8Array; readonly rateHz: number }
  | { readonly kind: 'streamEnd' | 'activityStart' | 'activityEnd' };

const PRE_ROLL_WINDOWS = 10;
const MAX_EARLY_WORDS = 50;
/** Half a minute of audio in 100 ms chunks. */
const MAX_TASKS = 300;

/**
 * Listens to one microphone: finds where speech begins and ends, and what was said.
 *
 * 1. Works in stream order; what takes long (a detector in a thread) delays what comes after it. When more than
 *    300 chunks wait, the oldest audio is dropped and told of.
 * 2. Every `onSpeechStart` is followed by exactly one `onUtterance`, unless the ear is closed before.
 * 3. Every call is followed by exactly one `onHeard`, in the order of the calls, unless the ear is closed before.
 * 4. Utterances are reported in the order in which they were spoken.
 */
export class Ear {
  readonly #options: EarOptions;
  readonly #intake = new AudioIntake();
  readonly #tasks: EarTask[] = [];
  #working = false;
  #closed = false;
  #preRoll: Uint8Array[] = [];
  #earlyWords: string[] = [];
  #utterance: Utterance | undefined;
  #reported: Promise<void> = Promise.resolve();
  #warned = false;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  accept(bytes: Uint8Array, rateHz: number): void {
    this.#queue({ kind: 'audio', bytes, rateHz });
  }

  /** The microphone pauses (`audioStreamEnd`): speech under way ends here. */
  streamEnd(): void {
    this.#queue({ kind: 'streamEnd' });
  }

  activityStart(): void {
    this.#queue({ kind: 'activityStart' });
  }

  activityEnd(): void {
    this.#queue({ kind: 'activityEnd' });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tasks.length = 0;
    this.#utterance?.cancel();
    this.#options.detector?.close();
  }

  #queue(task: EarTask): void {
    if (this.#closed) return;
    this.#tasks.push(task);
    if (this.#tasks.length > MAX_TASKS) {
      const oldestAudio = this.#tasks.findIndex(({ kind }) => kind === 'audio');
      const [dropped] = this.#tasks.splice(oldestAudio, 1);
      this.#options.onDropped();
      if (dropped) this.#options.onHeard?.(durationOf(dropped));
    }
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let task = this.#tasks.shift(); task && !this.#closed; task = this.#tasks.shift()) {
      try {
        await this.#perform(task);
      } catch (error) {
        if (!this.#warned) this.#options.log.warn('listening fails', { error });
        this.#warned = true;
      }
      if (!this.#closed) this.#options.onHeard?.(durationOf(task));
    }
    this.#working = false;
  }

  async #perform(task: EarTask): Promise<void> {
    switch (task.kind) {
      case 'audio':
        await this.#hear(await this.#intake.push(task.bytes, task.rateHz));
        break;
      case 'streamEnd':
        await this.#hear(this.#intake.flush());
        this.#cross(this.#options.detector?.flush() ?? []);
        break;
      case 'activityStart':
        this.#forgetBefore();
        this.#begin();
        break;
      case 'activityEnd':
        await this.#hear(this.#intake.flush());
        this.#end();
        break;
    }
  }

  async #hear(items: readonly IntakeItem[]): Promise<void> {
    for (const item of items) {
      if (item.kind === 'words') {
        this.#note(item.text);
        continue;
      }
      if (this.#utterance) this.#utterance.addWindow(item.pcm);
      else this.#rememberWindow(item.pcm);
      const edges = this.#options.detector?.push(item.pcm, item.marked) ?? [];
      this.#cross(edges instanceof Promise ? await edges : edges);
    }
  }

  #note(words: string): void {
    if (this.#utterance) {
      this.#utterance.addWords(words);
    } else {
      this.#earlyWords.push(words);
      if (this.#earlyWords.length > MAX_EARLY_WORDS) this.#earlyWords.shift();
    }
  }

  #rememberWindow(window: Uint8Array): void {
    this.#preRoll.push(window);
    if (this.#preRoll.length > PRE_ROLL_WINDOWS) this.#preRoll.shift();
  }

  #cross(edges: readonly SpeechEdge[]): void {
    for (const edge of edges) {
      if (edge.kind === 'start') this.#begin(edge.atMs);
      else this.#end(edge.atMs);
    }
  }

  #begin(atMs?: number): void {
    if (this.#utterance || this.#closed) return;
    const { captions, transcribe, onCaption, onSpeechStart } = this.#options;
    onSpeechStart(atMs);
    this.#utterance = new Utterance({ transcribe, ...(captions && { onCaption }) });
    for (const window of this.#preRoll) this.#utterance.addWindow(window);
    for (const words of this.#earlyWords) this.#utterance.addWords(words);
    this.#forgetBefore();
  }

  #forgetBefore(): void {
    this.#preRoll = [];
    this.#earlyWords = [];
  }

  #end(atMs?: number): void {
    const utterance = this.#utterance;
    if (!utterance) return;
    this.#utterance = undefined;
    this.#options.onSpeechEnd?.(atMs);
    const understood = utterance.understand();
    this.#reported = this.#reported.then(async () => {
      const heard = await understood;
      if (!this.#closed)
        this.#options.onUtterance({ ...heard, speakingAgain: this.#utterance !== undefined });
    });
  }
}

function durationOf(task: EarTask): number {
  return task.kind === 'audio' ? (task.bytes.length / 2 / task.rateHz) * 1000 : 0;
}
