import { FRAME_KIND, type MediaFrame } from '@parley/wire';

/** Texts that no owner of the run has acknowledged yet. */
export const MAX_WAITING_TEXTS = 64;
export const MAX_WAITING_TEXT_BYTES = 256 * 1_024;
/** Signals (`interrupt`, `activityStart` …) that are kept beside them. */
export const MAX_SIGNALS = 64;
export const MAX_SPEECH_MS = 15_000;
/** With the frames' headers. */
export const MAX_SPEECH_BYTES = 480_000;
/** PCM16 mono at 16 kHz. */
const SPEECH_BYTES_PER_MS = 32;
/** What may wait in the channel: far less than would make it drop frames. */
const MAX_CHANNEL_BYTES = 64 * 1_024;

/** The channel of an owner, as far as the ring uses it. */
export interface Uplink {
  readonly queuedMediaBytes: number;
  sendControl(payload: Uint8Array): boolean;
  sendMedia(frame: Uint8Array, turn: number): boolean;
}

interface Item {
  readonly order: number;
  readonly bytes: Uint8Array;
  readonly atMs: number;
  /** The owner's channel took it. */
  sent: boolean;
  /** No longer in the ring. */
  gone: boolean;
}

type Entry = Item &
  (
    | { readonly kind: 'text'; readonly id: string }
    /** What opens a stretch of speech stays as long as that speech does; what ends one goes with what came before. */
    | { readonly kind: 'signal'; readonly opens: boolean }
    | { readonly kind: 'speech'; readonly ms: number; readonly voiced: boolean }
    | { readonly kind: 'image' }
  );
type Kind<K extends Entry['kind']> = Omit<Extract<Entry, { kind: K }>, keyof Item>;
type Fields = Kind<'text'> | Kind<'signal'> | Kind<'speech'> | Kind<'image'>;

/**
 * What the user sent that the owner of the run has not had, and what a next owner would have to hear again, in the order
 * in which it came. `atMs` is monotonic.
 *
 * 1. A text stays until it is acknowledged; one beyond the bounds is refused, never dropped.
 * 2. Speech stays until the owner has settled it, at most 15 s and 480 kB: then the oldest goes. Of images only the
 *    newest stays.
 * 3. `feed` keeps the order, though in a channel control overtakes media.
 * 4. Each `replay` starts the count of frames that `settle` and `dropped` speak of anew: they number the frames that
 *    the channel took, in order, without those that it dropped.
 */
export class InputRing {
  #entries: Entry[] = [];
  #unsent: Entry[] = [];
  /** Frames that the channel took and neither settled nor dropped; some are no longer among the entries. */
  #onChannel: Entry[] = [];
  #settled = 0;
  #order = 0;
  #textBytes = 0;
  #speechMs = 0;
  #speechBytes = 0;

  /** Whether speech is kept in which someone may have spoken. */
  get hasVoice(): boolean {
    return this.#entries.some((entry) => entry.kind === 'speech' && entry.voiced);
  }

  /** False when too much waits already: tell the user to wait. */
  addText(id: string, bytes: Uint8Array, atMs: number): boolean {
    const texts = this.#entries.filter((entry) => entry.kind === 'text');
    if (texts.some((entry) => entry.id === id)) return true;
    if (texts.length >= MAX_WAITING_TEXTS || this.#textBytes + bytes.byteLength > MAX_WAITING_TEXT_BYTES) {
      return false;
    }
    this.#textBytes += bytes.byteLength;
    this.#add({ kind: 'text', id }, bytes, atMs);
    return true;
  }

  /** As `addText`. `opens`: speech follows that is worth nothing without it. */
  addSignal(bytes: Uint8Array, opens: boolean, atMs: number): boolean {
    const signals = this.#entries.filter((entry) => entry.kind === 'signal');
    if (signals.length >= MAX_SIGNALS) {
      const oldest = signals.find((entry) => entry.sent);
      if (!oldest) return false;
      this.#remove(oldest);
    }
    this.#add({ kind: 'signal', opens }, bytes, atMs);
    return true;
  }

  /** Answers how many milliseconds of speech that nobody has had were dropped for this frame. */
  addMedia(frame: MediaFrame, bytes: Uint8Array, voiced: boolean, atMs: number): number {
    if (frame.kind === FRAME_KIND.mic) {
      const ms = frame.payload.byteLength / SPEECH_BYTES_PER_MS;
      this.#speechMs += ms;
      this.#speechBytes += bytes.byteLength;
      this.#add({ kind: 'speech', ms, voiced }, bytes, atMs);
      return this.#boundSpeech();
    }
    const older = this.#entries.find((entry) => entry.kind === 'image');
    if (older) this.#remove(older);
    this.#add({ kind: 'image' }, bytes, atMs);
    return 0;
  }

  acknowledge(id: string): void {
    const entry = this.#entries.find((other) => other.kind === 'text' && other.id === id);
    if (entry) this.#remove(entry);
  }

  /**
   * Of the frames that the channel took, the first `count` need not be sent again, nor what came before them: what the
   * channel dropped, and what its predecessor took to the same owner.
   */
  settle(count: number): void {
    const settled = this.#onChannel.splice(0, Math.max(0, count - this.#settled));
    const newest = settled.at(-1);
    if (!newest) return;
    this.#settled += settled.length;
    for (const entry of this.#entries.filter(({ order }) => order <= newest.order)) {
      if (entry.kind !== 'text') this.#remove(entry);
    }
    this.#forgetSpentSignals();
  }

  /** The channel dropped `count` of the frames that it took, after the first `before` that it sent. */
  dropped(count: number, before: number): void {
    for (const entry of this.#onChannel.splice(Math.max(0, before - this.#settled), count))
      entry.sent = false;
  }

  /**
   * Begins anew with another channel: `feed` will send on it what has not been settled or acknowledged. With `sinceMs`
   * the owner is still the one that took what was sent before then, and only what came later goes again. Answers how
   * many milliseconds of speech do.
   */
  replay(sinceMs = Number.NEGATIVE_INFINITY): number {
    this.#onChannel = [];
    this.#settled = 0;
    let againMs = 0;
    for (const entry of this.#entries) {
      if (!entry.sent || (entry.kind !== 'text' && entry.atMs < sinceMs)) continue;
      entry.sent = false;
      if (entry.kind === 'speech') againMs += entry.ms;
    }
    this.#unsent = this.#entries.filter((entry) => !entry.sent);
    return againMs;
  }

  /** Sends what may go now; false when the rest has to wait for media that is still in the channel. */
  feed(channel: Uplink): boolean {
    for (let next = this.#unsent[0]; next; next = this.#unsent[0]) {
      if (!next.gone) {
        const isMedia = next.kind === 'speech' || next.kind === 'image';
        if (channel.queuedMediaBytes > (isMedia ? MAX_CHANNEL_BYTES : 0)) return false;
        next.sent = isMedia ? channel.sendMedia(next.bytes, 0) : channel.sendControl(next.bytes);
        // a closed channel: all of it is for the next one
        if (!next.sent) return true;
        if (isMedia) this.#onChannel.push(next);
      }
      this.#unsent.shift();
    }
    this.#forgetSpentSignals();
    return true;
  }

  #add(fields: Fields, bytes: Uint8Array, atMs: number): void {
    this.#order += 1;
    const entry: Entry = { ...fields, order: this.#order, bytes, atMs, sent: false, gone: false };
    this.#entries.push(entry);
    this.#unsent.push(entry);
  }

  #boundSpeech(): number {
    let lostMs = 0;
    while (this.#speechMs > MAX_SPEECH_MS || this.#speechBytes > MAX_SPEECH_BYTES) {
      const oldest = this.#entries.find((entry) => entry.kind === 'speech');
      if (!oldest) break;
      if (!oldest.sent) lostMs += oldest.ms;
      this.#remove(oldest);
    }
    return lostMs;
  }

  /** What ends a stretch of speech need not be said again once all that came before it is settled. */
  #forgetSpentSignals(): void {
    for (let first = this.#entries[0]; first?.kind === 'signal'; first = this.#entries[0]) {
      if (!first.sent || first.opens) return;
      this.#remove(first);
    }
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at === -1) return;
    this.#entries.splice(at, 1);
    entry.gone = true;
    if (entry.kind === 'text') this.#textBytes -= entry.bytes.byteLength;
    if (entry.kind !== 'speech') return;
    this.#speechMs -= entry.ms;
    this.#speechBytes -= entry.bytes.byteLength;
  }
}
