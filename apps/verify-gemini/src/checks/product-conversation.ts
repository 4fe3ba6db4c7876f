import type { KeptLiveConnection } from '@parley/gemini';
import { sleep, type Clock } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';
import { CheckFailure } from '../check-failure.js';

const WAIT_MS = 20_000;
/** Captions may be later than the turn's end. */
const CAPTIONS_TRAIL_MS = 500;

/** A conversation through Parley's own adapter: what it is told, as the runtime above it would be. */
export class ProductConversation {
  readonly messages: LiveServerMessage[] = [];
  readonly #connection: KeptLiveConnection;
  readonly #clock: Clock;
  #ended: string | undefined;
  #wake: () => void = () => undefined;

  /** Owns `connection`, which ends with `signal`. */
  constructor(
    connection: KeptLiveConnection,
    clock: Clock,
    signal: AbortSignal,
    onHandle: (handle: string) => void,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    connection.listen({
      onMessage: (message) => {
        this.messages.push(message);
        onHandle(message.sessionResumptionUpdate?.newHandle ?? '');
        this.#wake();
      },
      onEnd: (end) => {
        this.#ended = end.kind === 'client_closed' ? 'closed' : `${end.closeCode} "${end.reason}"`;
        this.#wake();
      },
    });
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  get connection(): KeptLiveConnection {
    return this.#connection;
  }

  say(text: string): void {
    this.#connection.sendContent({ role: 'user', parts: [{ text }] });
  }

  /** The words of the model up to the end of its next turn that has any, from message `from` on. */
  async answer(from: number): Promise<string> {
    const words = (): string => wordsOf(this.messages.slice(from));
    const over = (): boolean => {
      const end = this.messages.findLastIndex(({ turnComplete }) => turnComplete);
      return end >= from && words() !== '';
    };
    await this.#until('the end of an answer', over);
    await sleep(this.#clock, CAPTIONS_TRAIL_MS);
    return words();
  }

  async ask(text: string): Promise<string> {
    const from = this.messages.length;
    this.say(text);
    return this.answer(from);
  }

  /** Waits for the handle that has the turn from message `from` on in it; some models give none for a while. */
  async saved(from: number): Promise<void> {
    const has = (): boolean => {
      const end = this.messages.findLastIndex(({ turnComplete }) => turnComplete);
      return (
        end >= from &&
        this.messages.slice(end).some(({ sessionResumptionUpdate: update }) => update?.newHandle)
      );
    };
    await this.#until('a handle', has);
  }

  close(): void {
    this.#connection.close();
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + WAIT_MS;
    while (!holds()) {
      const leftMs = deadlineMs - this.#clock.monotonicMs();
      if (this.#ended !== undefined)
        throw new CheckFailure(`the conversation ended (${this.#ended}) before ${what}`);
      if (leftMs <= 0) throw new CheckFailure(`${what} did not come within ${WAIT_MS / 1_000} s`);
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(leftMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }
}

function wordsOf(messages: readonly LiveServerMessage[]): string {
  return messages
    .flatMap(({ outputTranscription: caption, parts = [] }) => [
      caption && !caption.finished ? caption.text : '',
      ...parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))),
    ])
    .join('');
}
