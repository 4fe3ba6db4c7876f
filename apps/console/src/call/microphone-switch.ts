import { Microphone, type ParleyClient } from '@parley/client';

/** What is spoken while the call is being opened; two seconds of blocks of 40 ms. */
const MAX_WAITING_BLOCKS = 50;

/**
 * The microphone of the page, on or off. What is spoken before the call is live waits, bounded, the oldest going
 * first, so that nobody has to wait with the first word.
 */
export class MicrophoneSwitch {
  #microphone: Microphone | undefined;
  #client: ParleyClient | undefined;
  #waiting: Int16Array[] = [];
  /** Turned by each on and off, so that an opening that was overtaken can tell. */
  #wish = 0;

  get isOn(): boolean {
    return this.#microphone !== undefined;
  }

  rms(): number {
    return this.#microphone?.rms() ?? 0;
  }

  /** Rejects with a `DeviceError`. Resolves false when it was switched off meanwhile. */
  async on(onLost: () => void): Promise<boolean> {
    const wish = ++this.#wish;
    const microphone = await Microphone.open({ onBlock: (block) => this.#take(block), onLost });
    if (wish !== this.#wish) {
      await microphone.close();
      return false;
    }
    this.#microphone = microphone;
    return true;
  }

  off(): void {
    this.#wish += 1;
    const microphone = this.#microphone;
    this.#microphone = undefined;
    this.#waiting = [];
    if (!microphone) return;
    void microphone.close();
    this.#client?.audioStreamEnd();
  }

  /** Where the speech goes; undefined between calls. */
  connect(client: ParleyClient | undefined): void {
    this.#client = client;
    if (!client) return;
    for (const block of this.#waiting) client.sendAudio(block);
    this.#waiting = [];
  }

  #take(block: Int16Array): void {
    if (!this.#microphone) return;
    if (this.#client) return this.#client.sendAudio(block);
    this.#waiting.push(block);
    if (this.#waiting.length > MAX_WAITING_BLOCKS) this.#waiting.shift();
  }
}
