import { ParleyError, systemClock } from '@parley/kernel';
import type { Pace, WireControl } from './performance.js';
import type { ReceivedLog, ReceivedMessage } from './received-log.js';
import { readSteps } from './scenario.js';
import type { StepInput } from './step-input.js';
import type { WireJson } from './step-message.js';
import type { Step } from './step.js';

/** A connection that a test can take over. */
export interface ScriptableConnection extends WireControl {
  readonly id: string;
  readonly scenario: string;
  readonly api: 'gemini' | 'vertex';
  /** The request target with its query, and the headers, in lower case. */
  readonly request: { readonly target: string; readonly headers: Readonly<Record<string, unknown>> };
  readonly received: ReceivedLog;
  /** How the connection ended; undefined while it is open. */
  readonly ending: ConnectionEnding | undefined;
  sendJson(message: WireJson): void;
  /** Undefined when the session is none of an exact scenario. */
  play(steps: readonly Step[], pace: Pace | undefined): Promise<void> | undefined;
}

export interface ConnectionEnding {
  readonly code: number;
  readonly reason: string;
}

/** A test on a message, or the name of its kind. */
export type Wanted = ((message: ReceivedMessage) => boolean) | keyof ReceivedMessage;

export interface WaitOptions {
  /** Default 10,000; in real time whatever the emulator's clock says. */
  readonly deadlineMs?: number;
}

/**
 * One session in the hands of a test, which plays the model message by message:
 *
 *     const emulator = await startEmulator();
 *     const connecting = ai.live.connect({ … });       // its baseUrl is `${emulator.url}/s/scripted`
 *     const model = await emulator.scripts.next();     // the setup was accepted, setupComplete is sent
 *     expect(model.received[0]).toMatchObject({ setup: { model: 'models/gemini-3.8-live' } });
 *     model.send({ toolCall: { functionCalls: [{ id: '1', name: 'roll', args: {} }] } });
 *     const answer = await model.until('toolResponse');
 *     model.close(1011, 'The service is currently unavailable.');
 *
 * Under `/s/scripted` nothing is sent but that, and under `/s/bare` not even `setupComplete`; a session of any other
 * scenario goes on with its own answers, and has received its setup and what came since it was handed out.
 */
export class ScriptedSession {
  readonly #connection: ScriptableConnection;
  #nextIndex = 0;

  constructor(connection: ScriptableConnection) {
    this.#connection = connection;
    connection.received.keepAll();
  }

  get id(): string {
    return this.#connection.id;
  }

  get scenario(): string {
    return this.#connection.scenario;
  }

  get api(): 'gemini' | 'vertex' {
    return this.#connection.api;
  }

  get request(): ScriptableConnection['request'] {
    return this.#connection.request;
  }

  /** What the client sent, parsed and whole, the setup first. */
  get received(): readonly ReceivedMessage[] {
    return this.#connection.received.messages;
  }

  /** How the connection ended, whoever ended it; undefined while it is open. */
  get ending(): ConnectionEnding | undefined {
    return this.#connection.ending;
  }

  /** Sends any JSON as one server message, at once. */
  send(message: object): void {
    this.#connection.sendJson(message as WireJson);
  }

  /** Sends a frame of exactly this text. */
  sendText(text: string): void {
    this.#connection.sendRaw(text);
  }

  /** Performs steps as a scenario's rule would, and resolves when they are done. Needs an exact scenario. */
  async play(steps: readonly StepInput[], pace?: Pace): Promise<void> {
    const playing = this.#connection.play(readSteps(steps), pace);
    if (!playing) {
      throw new ParleyError('invalid_config', 'Only a session of an exact scenario can play steps.', {
        kind: 'failed_precondition',
      });
    }
    await playing;
  }

  /** The first message that holds, among all that was received or still comes. */
  until(wanted: Wanted, options?: WaitOptions): Promise<ReceivedMessage> {
    return this.#find(wanted, 0, options).then(({ message }) => message);
  }

  /** The first message that holds among those after the one that `next` gave last. */
  async next(wanted: Wanted = () => true, options?: WaitOptions): Promise<ReceivedMessage> {
    const { message, index } = await this.#find(wanted, this.#nextIndex, options);
    this.#nextIndex = index + 1;
    return message;
  }

  /** Resolves when the connection has ended. */
  async untilEnded(options?: WaitOptions): Promise<ConnectionEnding> {
    return this.#await('The connection did not end.', () => this.ending, options);
  }

  /** Closes the WebSocket. */
  close(code = 1000, reason = ''): void {
    this.#connection.hangUp(code, reason);
  }

  /** Breaks the TCP connection without a closing handshake. */
  drop(): void {
    this.#connection.reset();
  }

  /** Holds back everything that is sent, until `resume`. */
  stall(): void {
    this.#connection.stall();
  }

  resume(): void {
    this.#connection.resume();
  }

  #find(
    wanted: Wanted,
    from: number,
    options?: WaitOptions,
  ): Promise<{ readonly message: ReceivedMessage; readonly index: number }> {
    const holds =
      typeof wanted === 'function' ? wanted : (message: ReceivedMessage) => message[wanted] !== undefined;
    const what = typeof wanted === 'string' ? `a ${wanted}` : 'the awaited message';
    return this.#await(
      `The client did not send ${what}.`,
      () => {
        const index = this.received.findIndex((message, at) => at >= from && holds(message));
        const message = this.received[index];
        if (message) return { message, index };
        if (this.ending) throw this.#missed(`The connection ended before the client sent ${what}.`);
        return undefined;
      },
      options,
    );
  }

  #await<T>(
    complaint: string,
    found: () => T | undefined,
    { deadlineMs = 10_000 }: WaitOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        cancel();
        unlisten();
        finish();
      };
      const look = (): void => {
        try {
          const value = found();
          if (value !== undefined) settle(() => resolve(value));
        } catch (error) {
          settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const cancel = systemClock.after(deadlineMs, () => settle(() => reject(this.#missed(complaint))));
      const unlisten = this.#connection.received.listen(look);
      look();
    });
  }

  #missed(complaint: string): ParleyError {
    const kinds = this.received.slice(-20).map((message) => Object.keys(message).join('+'));
    return new ParleyError('internal', `${complaint} Received: ${kinds.join(', ') || 'nothing'}.`);
  }
}
