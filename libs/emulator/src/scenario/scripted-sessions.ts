import { ParleyError, systemClock } from '@parley/kernel';
import { ScriptedSession, type ScriptableConnection, type WaitOptions } from './scripted-session.js';

const MAX_WAITING = 64;

/** Somebody who waits for a session. */
interface Taker {
  readonly take: (connection: ScriptableConnection) => void;
  readonly fail: (error: ParleyError) => void;
}

/**
 * Hands out sessions to tests in the order in which their first messages came. Of those that nobody asks for the
 * newest 64 are kept. Once closed, nobody waits.
 */
export class ScriptedSessions {
  readonly #untaken: ScriptableConnection[] = [];
  readonly #takers: Taker[] = [];
  #closed = false;
  #newest: ScriptableConnection | undefined;

  /** A connection's first message was received and answered. */
  arrived(connection: ScriptableConnection): void {
    this.#newest = connection;
    const taker = this.#takers.shift();
    if (taker) return taker.take(connection);
    this.#untaken.push(connection);
    if (this.#untaken.length > MAX_WAITING) this.#untaken.shift();
  }

  /** The oldest session that was not handed out yet, or the next to come; rejects when the emulator closes first. */
  next({ deadlineMs = 10_000 }: WaitOptions = {}): Promise<ScriptedSession> {
    const untaken = this.#untaken.shift();
    if (untaken) return Promise.resolve(new ScriptedSession(untaken));
    if (this.#closed) return Promise.reject(closedBefore());
    return new Promise((resolve, reject) => {
      const taker: Taker = {
        take: (connection) => {
          cancel();
          resolve(new ScriptedSession(connection));
        },
        fail: (error) => {
          cancel();
          reject(error);
        },
      };
      const cancel = systemClock.after(deadlineMs, () => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        reject(new ParleyError('internal', 'No session came.'));
      });
      this.#takers.push(taker);
    });
  }

  /** The session that came last, whether or not it was handed out. */
  newest(): ScriptedSession | undefined {
    return this.#newest && new ScriptedSession(this.#newest);
  }

  /** Fails all who wait for a session; idempotent. */
  close(): void {
    this.#closed = true;
    for (const taker of this.#takers.splice(0)) taker.fail(closedBefore());
  }
}

function closedBefore(): ParleyError {
  return new ParleyError('internal', 'The emulator was closed before a session came.');
}
