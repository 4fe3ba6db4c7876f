import type { ModalityTokens, UsageMetadata } from '../codec/server-message.js';

/** Google's rates: 25 tokens for a second of audio, about one for four characters. */
const AUDIO_TOKENS_PER_SECOND = 25;
const CHARS_PER_TOKEN = 4;
/** A video frame by media resolution; the older models' figure where none is set. */
const TOKENS_PER_FRAME = { LOW: 64, MEDIUM: 256, HIGH: 256, unset: 258 } as const;

export interface ContextTokens {
  readonly text: number;
  readonly audio: number;
  readonly video: number;
}

/** What the user and the model exchanged from one beginning of a user's turn to the next. */
export interface ContextBlock extends ContextTokens {
  /** The number of the first history entry that belongs to it. */
  readonly firstEntry: number;
}

export interface ContextMeterOptions {
  readonly mediaResolution: 'LOW' | 'MEDIUM' | 'HIGH' | undefined;
  readonly instructionChars: number;
  /** What an earlier connection left. */
  readonly restored: readonly ContextBlock[];
  /** The number that the next history entry will have. */
  readonly nextEntry: () => number;
}

/**
 * Counts tokens as the provider bills them: each turn's prompt is the whole context so far, what the model said
 * in earlier turns included.
 *
 * 1. The context is the instruction and a row of blocks; a block begins with what the user does after the model
 *    spoke, so that a cut between blocks leaves a context that starts at a user turn.
 * 2. The newest block and the instruction are never cut.
 */
export class ContextMeter {
  readonly #options: ContextMeterOptions;
  readonly #blocks: { firstEntry: number; text: number; audio: number; video: number }[];
  readonly #response = { text: 0, audio: 0 };
  #instruction: number;
  /** The model has spoken in the newest block. */
  #answered: boolean;

  constructor(options: ContextMeterOptions) {
    this.#options = options;
    this.#instruction = options.instructionChars / CHARS_PER_TOKEN;
    this.#blocks = options.restored.map((block) => ({ ...block }));
    this.#answered = options.restored.length > 0;
  }

  /** The context without the instruction and without the running turn's response, oldest first. */
  get blocks(): readonly ContextBlock[] {
    return this.#blocks.map((block) => ({ ...block }));
  }

  /** The whole context as the next prompt would count it. */
  get tokens(): number {
    return total(details(this.#prompt()));
  }

  instruct(chars: number): void {
    this.#instruction = chars / CHARS_PER_TOKEN;
  }

  heardText(chars: number): void {
    this.#ofUser().text += chars / CHARS_PER_TOKEN;
  }

  heardAudio(seconds: number): void {
    this.#ofUser().audio += seconds * AUDIO_TOKENS_PER_SECOND;
  }

  sawFrame(): void {
    this.#ofUser().video += TOKENS_PER_FRAME[this.#options.mediaResolution ?? 'unset'];
  }

  /** A tool's answer: the user has not spoken, so it belongs to what came before. */
  heardTool(chars: number): void {
    this.#newest().text += chars / CHARS_PER_TOKEN;
  }

  /** What the client says that the model said before. */
  recalledText(chars: number): void {
    this.#newest().text += chars / CHARS_PER_TOKEN;
    this.#answered = true;
  }

  saidAudio(seconds: number): void {
    this.#response.audio += seconds * AUDIO_TOKENS_PER_SECOND;
    this.#answered = true;
  }

  saidText(chars: number): void {
    this.#response.text += chars / CHARS_PER_TOKEN;
    this.#answered = true;
  }

  /** Usage of the turn that ends now; its response joins the context. */
  endTurn(names: 'gemini' | 'vertex'): UsageMetadata {
    const prompt = details(this.#prompt());
    const response = details({ ...this.#response, video: 0 });
    const promptCount = total(prompt);
    const responseCount = total(response);
    const block = this.#newest();
    block.text += this.#response.text;
    block.audio += this.#response.audio;
    this.#response.text = 0;
    this.#response.audio = 0;
    return {
      ...(promptCount > 0 && { promptTokenCount: promptCount, promptTokensDetails: prompt }),
      ...(responseCount > 0 &&
        (names === 'gemini'
          ? { responseTokenCount: responseCount, responseTokensDetails: response }
          : { candidatesTokenCount: responseCount, candidatesTokensDetails: response })),
      ...(promptCount + responseCount > 0 && { totalTokenCount: promptCount + responseCount }),
    };
  }

  /** Drops the oldest blocks until at most `targetTokens` are left; answers the first history entry that stays. */
  cutTo(targetTokens: number): number {
    while (this.#blocks.length > 1 && this.tokens > targetTokens) this.#blocks.shift();
    return this.#blocks[0]?.firstEntry ?? this.#options.nextEntry();
  }

  #prompt(): ContextTokens {
    const sum = { text: this.#instruction, audio: 0, video: 0 };
    for (const block of this.#blocks) {
      sum.text += block.text;
      sum.audio += block.audio;
      sum.video += block.video;
    }
    return sum;
  }

  #ofUser(): { text: number; audio: number; video: number } {
    if (this.#answered) this.#open();
    return this.#newest();
  }

  #newest(): { text: number; audio: number; video: number } {
    return this.#blocks.at(-1) ?? this.#open();
  }

  #open(): { text: number; audio: number; video: number } {
    const block = { firstEntry: this.#options.nextEntry(), text: 0, audio: 0, video: 0 };
    this.#blocks.push(block);
    this.#answered = false;
    return block;
  }
}

function details(tokens: ContextTokens): ModalityTokens[] {
  const counted: ModalityTokens[] = [
    { modality: 'TEXT', tokenCount: Math.ceil(tokens.text) },
    { modality: 'AUDIO', tokenCount: Math.ceil(tokens.audio) },
    { modality: 'VIDEO', tokenCount: Math.ceil(tokens.video) },
  ];
  return counted.filter(({ tokenCount }) => tokenCount > 0);
}

function total(tokens: readonly ModalityTokens[]): number {
  return tokens.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
}
