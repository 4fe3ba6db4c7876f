/** How a model takes `thinkingConfig`: not at all, as a token budget, or as one of some levels. */
export type ThinkingSupport =
  | { readonly kind: 'none' }
  | { readonly kind: 'budget' }
  | { readonly kind: 'level'; readonly levels: readonly string[] }
  | { readonly kind: 'any' };

export type ToolBehavior = 'BLOCKING' | 'NON_BLOCKING';

/** What a Live model can be asked for. [src: gemini-live notes §2, §4, §9; Google's model and migration pages] */
export interface ModelCapabilities {
  /** Family of models that behave alike. */
  readonly family: string;
  /** Whether it answers in text; else TEXT runs as AUDIO with transcription. */
  readonly textModality: boolean;
  readonly thinking: ThinkingSupport;
  /** False: after the history, `clientContent` makes the server close the connection; text goes as realtime input. */
  readonly clientContentMidSession: boolean;
  /** Behaviours that a declared function may have, and the one it has when none is named. */
  readonly toolBehaviors: readonly ToolBehavior[];
  readonly defaultToolBehavior: ToolBehavior;
  /** Whether a function response may say when it is to be spoken. */
  readonly responseScheduling: boolean;
  /** Whether a function response may carry media; models before Gemini 3 refuse it. [src: gemini-cli#19436; live: inferred] */
  readonly responseMedia: boolean;
  /** `always`: permanently on, and turning it off is an error. */
  readonly proactivity: 'settable' | 'always' | 'never';
  readonly affectiveDialog: boolean;
  readonly systemInstruction: boolean;
  /** Whether it takes text, images and history; else only audio. */
  readonly contentInput: boolean;
  /** Whether user and model take turns; else the model speaks while it listens. */
  readonly turnBased: boolean;
  /** Whether it is one that translates, as `translationConfig` says. */
  readonly translation: boolean;
  /** Whether what the user said comes in one piece, final with its first text, and not in deltas (H7). */
  readonly inputTranscriptionIsFinal: boolean;
}

export const DEFAULT_LIVE_MODEL = 'gemini-3.8-live';

const LEVELS = ['LOW', 'MEDIUM', 'HIGH'] as const;

const LIVE_3_8: ModelCapabilities = {
  family: 'gemini-3.8-live',
  textModality: false,
  thinking: { kind: 'none' },
  clientContentMidSession: true,
  toolBehaviors: ['BLOCKING', 'NON_BLOCKING'],
  defaultToolBehavior: 'NON_BLOCKING',
  responseScheduling: true,
  responseMedia: true,
  proactivity: 'always',
  affectiveDialog: false,
  systemInstruction: true,
  contentInput: true,
  turnBased: true,
  translation: false,
  inputTranscriptionIsFinal: false,
};

const LIVE_3_8_THINKING: ModelCapabilities = {
  ...LIVE_3_8,
  family: 'gemini-3.8-live-extended-thinking',
  thinking: { kind: 'level', levels: LEVELS },
  toolBehaviors: ['NON_BLOCKING'],
  responseScheduling: false,
};

const FLASH_LIVE_3: ModelCapabilities = {
  ...LIVE_3_8,
  family: 'gemini-3-flash-live',
  thinking: { kind: 'level', levels: ['MINIMAL', ...LEVELS] },
  clientContentMidSession: false,
  toolBehaviors: ['BLOCKING'],
  defaultToolBehavior: 'BLOCKING',
  responseScheduling: false,
  proactivity: 'never',
  inputTranscriptionIsFinal: true,
};

/** An interpreter: audio in, audio out, and nothing else. [src: ai.google.dev live-api/live-translate] */
const LIVE_TRANSLATE: ModelCapabilities = {
  ...LIVE_3_8,
  family: 'gemini-live-translate',
  clientContentMidSession: false,
  toolBehaviors: [],
  defaultToolBehavior: 'BLOCKING',
  responseScheduling: false,
  proactivity: 'never',
  systemInstruction: false,
  contentInput: false,
  turnBased: false,
  translation: true,
};

/** Listens and writes down. */
const LIVE_TRANSCRIBE: ModelCapabilities = {
  ...LIVE_TRANSLATE,
  family: 'gemini-live-transcribe',
  textModality: true,
  systemInstruction: true,
  translation: false,
};

const NATIVE_AUDIO_2_5: ModelCapabilities = {
  ...LIVE_3_8,
  family: 'gemini-2.5-native-audio',
  thinking: { kind: 'budget' },
  defaultToolBehavior: 'BLOCKING',
  responseMedia: false,
  proactivity: 'settable',
  affectiveDialog: true,
};

const HALF_CASCADE: ModelCapabilities = {
  ...NATIVE_AUDIO_2_5,
  family: 'half-cascade',
  textModality: true,
  thinking: { kind: 'none' },
  proactivity: 'never',
  affectiveDialog: false,
};

/** A model that this table has not heard of: nothing is refused on our side. */
const UNKNOWN: ModelCapabilities = {
  ...NATIVE_AUDIO_2_5,
  family: 'unknown',
  textModality: true,
  thinking: { kind: 'any' },
  responseMedia: true,
  translation: true,
};

/** First match wins. */
const BY_NAME: readonly (readonly [RegExp, ModelCapabilities])[] = [
  [/^gemini-3\.8-live-extended-thinking/, LIVE_3_8_THINKING],
  [/^gemini-3\.8-live/, LIVE_3_8],
  [/^gemini-[\w.-]*live-translate/, LIVE_TRANSLATE],
  [/^gemini-[\w.-]*transcribe/, LIVE_TRANSCRIBE],
  [/^gemini-3(\.\d+)?-flash-live/, FLASH_LIVE_3],
  [/^gemini-(live-)?2\.5-.*native-audio/, NATIVE_AUDIO_2_5],
  [/^gemini-(live-2\.5-flash|2\.\d-flash-live)/, HALF_CASCADE],
];

/** `model` bare, or as a resource name (`models/…`, `projects/…/publishers/google/models/…`). */
export function capabilitiesOf(model: string): ModelCapabilities {
  const name = model.slice(model.lastIndexOf('/') + 1);
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN;
}
