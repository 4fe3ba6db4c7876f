import { encodeBase64 } from '@parley/kernel';

/** What the model says, as the Live API writes it. */
export type ServerMessage = Readonly<Record<string, unknown>>;

const content = (fields: object): ServerMessage => ({ serverContent: fields });

export const turnComplete = (also: object = {}): ServerMessage => content({ turnComplete: true, ...also });
export const interrupted = (also: object = {}): ServerMessage => content({ interrupted: true, ...also });
export const generationComplete = (): ServerMessage => content({ generationComplete: true });

/** Parts of the model's turn. */
export const parts = (...list: readonly object[]): ServerMessage => content({ modelTurn: { parts: list } });
export const text = (words: string): ServerMessage => parts({ text: words });

/** So many milliseconds of the model's voice: PCM16 at 24 kHz, every byte `fill`. */
export const voice = (ms = 40, fill = 1): ServerMessage => parts(voicePart(ms, fill));
export const voicePart = (ms = 40, fill = 1): object => ({
  inlineData: {
    mimeType: 'audio/pcm;rate=24000',
    data: encodeBase64(new Uint8Array(ms * 48).fill(fill)),
  },
});

/** A piece of what the model says, in words. */
export const caption = (words: string, also: object = {}): ServerMessage =>
  content({ outputTranscription: { text: words, ...also } });

/** A piece of what the user was heard to say. */
export const heard = (words: string, also: object = {}): ServerMessage =>
  content({ inputTranscription: { text: words, ...also } });

export interface Call {
  readonly id?: string;
  readonly name: string;
  readonly args?: object;
}

/** The model calls these functions, in one message. */
export const toolCall = (...calls: readonly Call[]): ServerMessage => ({
  toolCall: { functionCalls: calls.map((call) => ({ args: {}, ...call })) },
});
export const toolCallCancellation = (...ids: readonly string[]): ServerMessage => ({
  toolCallCancellation: { ids },
});

export const usage = (counts: object): ServerMessage => ({ usageMetadata: counts });
/** A handle that resumes from here, or none for now. */
export const resumption = (newHandle: string | undefined): ServerMessage => ({
  sessionResumptionUpdate: newHandle === undefined ? {} : { newHandle, resumable: true },
});
export const goAway = (seconds: number): ServerMessage => ({ goAway: { timeLeft: `${seconds}s` } });

/** So many milliseconds of the user's microphone: PCM16 at 16 kHz, every byte `fill`. */
export const microphone = (ms = 20, fill = 1): { mimeType: string; data: Uint8Array } => ({
  mimeType: 'audio/pcm;rate=16000',
  data: new Uint8Array(ms * 32).fill(fill),
});
