import type { ClientMessageInput } from '@parley/wire';

export type TextMessage = Extract<ClientMessageInput, { readonly type: 'text' }> & { readonly id: string };

/** As many as a gateway keeps. */
export const MAX_UNACKED_TEXTS = 64;

/** Texts that the server has not said to be in the session, in the order they were written. */
export class UnackedTexts {
  readonly #waiting = new Map<string, TextMessage>();

  get full(): boolean {
    return this.#waiting.size >= MAX_UNACKED_TEXTS;
  }

  get all(): readonly TextMessage[] {
    return [...this.#waiting.values()];
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  add(message: TextMessage): void {
    this.#waiting.set(message.id, message);
  }

  /** The text was stored, or refused for good. False for one that does not wait. */
  settle(id: string): boolean {
    return this.#waiting.delete(id);
  }

  clear(): void {
    this.#waiting.clear();
  }
}
