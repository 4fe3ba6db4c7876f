import type { LiveConnectionEnd, LiveConnectionListener, LiveServerMessage } from '@parley/live';

/**
 * The one listener of a conversation.
 *
 * 1. What comes before `listen` waits; it is little, because sockets are read only from then on.
 * 2. The end is told once, and nothing after it.
 * 3. What the listener throws goes to `onError` and nowhere else.
 */
export class MessageDelivery {
  readonly #onError: (error: unknown) => void;
  #listener: LiveConnectionListener | undefined;
  #waiting: LiveServerMessage[] = [];
  #end: LiveConnectionEnd | undefined;
  #endTold = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  listen(listener: LiveConnectionListener): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) this.#tell(() => listener.onMessage(message));
    this.#tellEnd();
  }

  message(message: LiveServerMessage): void {
    if (this.#end) return;
    const listener = this.#listener;
    if (listener) this.#tell(() => listener.onMessage(message));
    else this.#waiting.push(message);
  }

  end(end: LiveConnectionEnd): void {
    this.#end ??= end;
    this.#tellEnd();
  }

  #tellEnd(): void {
    const [listener, end] = [this.#listener, this.#end];
    if (!listener || !end || this.#endTold) return;
    this.#endTold = true;
    this.#tell(() => listener.onEnd(end));
  }

  #tell(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onError(error);
    }
  }
}
