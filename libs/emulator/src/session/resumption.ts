import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ResumptionStore, SessionSnapshot } from './resumption-store.js';

export interface ResumptionOptions {
  readonly store: ResumptionStore;
  /** Signs handles; emulators that share a store share it too. */
  readonly secret: string;
  /** Google's handles are good for two hours after the connection. */
  readonly ttlMs: number;
  /** A new id that can't be guessed. */
  readonly newId: () => string;
}

export const HANDLE_TTL_MS = 2 * 60 * 60 * 1000;

/**
 * Gives out handles for snapshots and takes them back: a random id with a MAC over it and its owner, so that a
 * handle that was made up or is another owner's is known without asking the store. A handle is good for any number
 * of resumptions until its time is over.
 */
export class Resumption {
  readonly #options: ResumptionOptions;

  constructor(options: ResumptionOptions) {
    this.#options = options;
  }

  /** Answers the handle with which `owner` may come back. */
  async save(owner: string, snapshot: SessionSnapshot): Promise<string> {
    const { store, ttlMs, newId } = this.#options;
    const id = newId();
    await store.put(id, snapshot, ttlMs);
    return `${id}.${this.#mac(owner, id)}`;
  }

  /** Undefined when the handle is unknown, expired, made up or another owner's. */
  async load(owner: string, handle: string): Promise<SessionSnapshot | undefined> {
    const [id = '', mac = ''] = handle.split('.', 2);
    const given = Buffer.from(mac);
    const right = Buffer.from(this.#mac(owner, id));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return this.#options.store.get(id);
  }

  #mac(owner: string, id: string): string {
    return createHmac('sha256', this.#options.secret)
      .update(`${owner}\n${id}`)
      .digest('base64url')
      .slice(0, 22);
  }
}

/** An owner's name that doesn't give away the credential it is made of. */
export function ownerOfCredential(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
