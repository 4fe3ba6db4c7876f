import type { LiveServerMessage } from '../model/live-model.js';

/** Messages of the model that may wait for a verdict; some 20 s of audio. */
const MAX_HELD = 1_024;

export interface SpokenScreenParts {
  /** Resolves with true when what the user said may be answered. */
  readonly mayPass: (heard: string) => Promise<boolean>;
  /** Goes on with a message. */
  readonly forward: (message: LiveServerMessage) => void;
  /** The user's words are about to be judged: tell them as finished. */
  readonly finishHeard: () => void;
}

/**
 * Holds the model's answer until what the user said has been looked at. The model has heard it already; the client
 * does not hear the model before the verdict.
 *
 * 1. Words are judged when they are finished, or when the model begins to answer, whichever is first.
 * 2. Messages keep their order. While one is judged the following wait, at most 1,024; beyond, media are dropped.
 * 3. `interrupted` does not wait: it takes the held words and media of the model with it, not its calls.
 * 4. What the user said is never lost: not with a verdict, not with `end`.
 */
export class SpokenScreen {
  readonly #parts: SpokenScreenParts;
  #heard = '';
  #held: LiveServerMessage[] | undefined;

  constructor(parts: SpokenScreenParts) {
    this.#parts = parts;
  }

  accept(message: LiveServerMessage): void {
    if (this.#held) return this.#hold(message, this.#held);
    const { inputTranscription, ...rest } = message;
    if (inputTranscription) {
      this.#heard =
        inputTranscription.finished && inputTranscription.text === ''
          ? this.#heard
          : this.#heard + inputTranscription.text;
      this.#parts.forward({ inputTranscription });
    }
    const judge = this.#heard.trim() !== '' && (inputTranscription?.finished === true || isOutput(rest));
    if (!judge) {
      if (Object.keys(rest).length > 0) this.#parts.forward(rest);
      return;
    }
    const heard = this.#heard.trim();
    this.#heard = '';
    this.#held = Object.keys(rest).length > 0 ? [rest] : [];
    this.#parts.finishHeard();
    void this.#parts.mayPass(heard).then((pass) => this.#release(pass));
  }

  /** Nothing will be released any more: of what is held the user's words are told. */
  end(): void {
    const held = this.#held ?? [];
    this.#held = [];
    for (const { inputTranscription } of held) {
      if (inputTranscription) this.#parts.forward({ inputTranscription });
    }
  }

  #hold(message: LiveServerMessage, held: LiveServerMessage[]): void {
    if (message.interrupted) {
      this.#held = held.map(withoutSpeech);
      this.#parts.forward(message);
    } else {
      held.push(held.length < MAX_HELD ? message : withoutMedia(message));
    }
  }

  #release(pass: boolean): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (!pass) return;
    for (const message of held) this.accept(message);
  }
}

function withoutSpeech(message: LiveServerMessage): LiveServerMessage {
  const { parts: _1, outputTranscription: _2, generationComplete: _3, ...rest } = message;
  return rest;
}

function withoutMedia({ parts, ...rest }: LiveServerMessage): LiveServerMessage {
  const kept = parts?.filter((part) => !part.inlineData) ?? [];
  return kept.length > 0 ? { ...rest, parts: kept } : rest;
}

function isOutput(message: LiveServerMessage): boolean {
  return Boolean(message.parts ?? message.outputTranscription ?? message.toolCalls);
}
