import type { RunningEmulator } from '@parley/emulator';
import type { ServerMessage } from './messages.js';
import { found, includes, until } from './wait.js';

export type ClientMessage = Readonly<Record<string, unknown>>;
type Script = Awaited<ReturnType<RunningEmulator['scripts']['next']>>;

/**
 * One connection as the model has it: what came in, word for word, and what the test lets the model say. Under the
 * scenarios `scripted` and `bare` the model says nothing by itself.
 */
export class ModelSide {
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  /** The credential in the request: the kit gives each run one of its own. */
  get key(): string {
    const { target, headers } = this.#script.request;
    const header = headers['x-goog-api-key'];
    return new URLSearchParams(target.split('?')[1]).get('key') ?? (typeof header === 'string' ? header : '');
  }

  /** The body of the set-up message. */
  get setup(): ClientMessage {
    return { ...this.#script.received[0]?.setup };
  }

  /** What came after the set-up, in order. */
  get messages(): readonly ClientMessage[] {
    return this.#script.received.slice(1).map((message) => ({ ...message }));
  }

  /** All messages after the set-up, once there are at least `count`. */
  async received(count: number): Promise<readonly ClientMessage[]> {
    await until(
      `${count} messages to the model`,
      () => this.messages.length >= count,
      () => this.#seen,
    );
    return this.messages;
  }

  /** The first message that has all of `shape`, as soon as it is there. */
  got(shape: object): Promise<ClientMessage> {
    return found(
      `a message to the model with ${JSON.stringify(shape)}`,
      () => this.messages.find((message) => includes(message, shape)),
      () => this.#seen,
    );
  }

  /** The messages that have all of `shape`, so far. */
  all(shape: object): readonly ClientMessage[] {
    return this.messages.filter((message) => includes(message, shape));
  }

  /** The model says this, each in a message of its own. */
  send(...messages: readonly ServerMessage[]): void {
    for (const message of messages) this.#script.send(message);
  }

  /** The model's server closes the connection. */
  hangUp(code: number, reason = ''): void {
    this.#script.close(code, reason);
  }

  /** The line is cut, without a closing handshake. */
  cut(): void {
    this.#script.drop();
  }

  get open(): boolean {
    return this.#script.ending === undefined;
  }

  /** How the connection ended, once it has, whoever ended it. */
  async ended(): Promise<{ readonly code: number; readonly reason: string }> {
    return this.#script.untilEnded();
  }

  get #seen(): string {
    return this.messages.map((message) => JSON.stringify(message).slice(0, 120)).join('\n');
  }
}
