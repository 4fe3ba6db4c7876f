/**
 * What the server sends, in proto3 JSON: a false, zero or empty field is absent, never written, which is why
 * the flags below can only be `true`.
 */
export interface ServerMessage {
  readonly setupComplete?: { readonly sessionId?: string };
  readonly serverContent?: ServerContent;
  readonly toolCall?: { readonly functionCalls: readonly FunctionCall[] };
  readonly toolCallCancellation?: { readonly ids: readonly string[] };
  readonly usageMetadata?: UsageMetadata;
  /** `timeLeft` is a Duration, such as "59.5s". */
  readonly goAway?: { readonly timeLeft: string };
  readonly sessionResumptionUpdate?: SessionResumptionUpdate;
  /** `audioOffset` is a Duration from the beginning of the connection's audio. */
  readonly voiceActivity?: {
    readonly type: 'ACTIVITY_START' | 'ACTIVITY_END';
    readonly audioOffset: string;
  };
  readonly voiceActivityDetectionSignal?: {
    readonly vadSignalType: 'VAD_SIGNAL_TYPE_SOS' | 'VAD_SIGNAL_TYPE_EOS';
  };
}

export interface ServerContent {
  readonly modelTurn?: { readonly role?: 'model'; readonly parts: readonly ModelPart[] };
  readonly generationComplete?: true;
  readonly turnComplete?: true;
  readonly interrupted?: true;
  readonly inputTranscription?: Transcription;
  readonly outputTranscription?: Transcription;
  readonly interactionStatus?: 'IN_PROGRESS' | 'IDLE';
}

export interface Transcription {
  readonly text?: string;
  readonly finished?: true;
}

export type ModelPart =
  { readonly text: string } | { readonly inlineData: { readonly mimeType: string; readonly data: string } };

export interface FunctionCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface SessionResumptionUpdate {
  readonly newHandle?: string;
  readonly resumable?: true;
  /** int64, hence a string. */
  readonly lastConsumedClientMessageIndex?: string;
}

/** The Gemini API says `response…`, Vertex says `candidates…`. */
export interface UsageMetadata {
  readonly promptTokenCount?: number;
  readonly responseTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly totalTokenCount?: number;
  readonly promptTokensDetails?: readonly ModalityTokens[];
  readonly responseTokensDetails?: readonly ModalityTokens[];
  readonly candidatesTokensDetails?: readonly ModalityTokens[];
}

export interface ModalityTokens {
  readonly modality: 'TEXT' | 'AUDIO' | 'VIDEO';
  readonly tokenCount: number;
}

/** Google answers pretty-printed JSON in binary frames; benches want neither. */
export type FrameStyle = 'pretty-binary' | 'compact-text';

export function encodeServerMessage(message: ServerMessage, style: FrameStyle): string | Buffer {
  return style === 'compact-text'
    ? JSON.stringify(message)
    : Buffer.from(`${JSON.stringify(message, null, 2)}\n`);
}

/** A proto Duration: seconds with up to three decimals. */
export function durationText(ms: number): string {
  return `${Number((Math.max(0, ms) / 1000).toFixed(3))}s`;
}
