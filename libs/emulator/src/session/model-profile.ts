/** How a family of models behaves where families differ. Values are from Google's documents and recordings. */
export interface ModelProfile {
  readonly name: ProfileName;
  /** Whether TEXT is a response modality; native-audio models refuse it. */
  readonly textModality: boolean;
  readonly thinking: 'absent' | 'budget' | 'level' | 'level-not-minimal' | 'any';
  readonly affectiveDialog: boolean;
  /** Proactivity can't be switched off. */
  readonly proactivityFixed: boolean;
  /** `any`: all session long; `seed`: only as initial history. */
  readonly clientContent: 'any' | 'seed';
  readonly mediaChunks: boolean;
  readonly contextUpdate: boolean;
  readonly functionBehavior: 'BLOCKING' | 'NON_BLOCKING';
  readonly blockingFunctions: boolean;
  /** Whether functions can be declared at all. */
  readonly functions: boolean;
  /** Whether answers choose when they are taken up; otherwise all wait until the model is idle. */
  readonly scheduling: boolean;
  /** A turn ends with its blocking calls, and their answers begin another. */
  readonly turnEndsAtCall: boolean;
  /** What the model can take in. */
  readonly contextTokens: number;
  /** Speaks in another language what the user says, and does nothing else. */
  readonly translates: boolean;
  /** Audio, captions and flags may share one message. */
  readonly combinedMessages: boolean;
  readonly interactionStatus: boolean;
}

export const PROFILE_NAMES = [
  'gemini-3.8-live',
  'gemini-3.8-live-extended-thinking',
  'gemini-3.1-flash-live',
  'gemini-2.5-native-audio',
  'half-cascade',
  'live-translate',
  'permissive',
] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

const LIVE_38: ModelProfile = {
  name: 'gemini-3.8-live',
  textModality: false,
  thinking: 'absent',
  affectiveDialog: false,
  proactivityFixed: true,
  clientContent: 'any',
  mediaChunks: false,
  contextUpdate: true,
  functionBehavior: 'NON_BLOCKING',
  blockingFunctions: true,
  functions: true,
  scheduling: true,
  turnEndsAtCall: false,
  contextTokens: 131_072,
  translates: false,
  combinedMessages: true,
  interactionStatus: false,
};

const NATIVE_25: ModelProfile = {
  name: 'gemini-2.5-native-audio',
  textModality: false,
  thinking: 'budget',
  affectiveDialog: true,
  proactivityFixed: false,
  clientContent: 'any',
  mediaChunks: true,
  contextUpdate: false,
  functionBehavior: 'BLOCKING',
  blockingFunctions: true,
  functions: true,
  scheduling: true,
  turnEndsAtCall: true,
  contextTokens: 131_072,
  translates: false,
  combinedMessages: false,
  interactionStatus: false,
};

const PROFILES: Readonly<Record<ProfileName, ModelProfile>> = {
  'gemini-3.8-live': LIVE_38,
  'gemini-3.8-live-extended-thinking': {
    ...LIVE_38,
    name: 'gemini-3.8-live-extended-thinking',
    thinking: 'level-not-minimal',
    blockingFunctions: false,
    scheduling: false,
    interactionStatus: true,
  },
  'gemini-3.1-flash-live': {
    ...LIVE_38,
    name: 'gemini-3.1-flash-live',
    thinking: 'level',
    proactivityFixed: false,
    clientContent: 'seed',
    contextUpdate: false,
    functionBehavior: 'BLOCKING',
  },
  'gemini-2.5-native-audio': NATIVE_25,
  'half-cascade': {
    ...NATIVE_25,
    name: 'half-cascade',
    textModality: true,
    affectiveDialog: false,
    turnEndsAtCall: false,
    contextTokens: 32_768,
  },
  'live-translate': { ...LIVE_38, name: 'live-translate', functions: false, translates: true },
  permissive: {
    ...LIVE_38,
    name: 'permissive',
    textModality: true,
    thinking: 'any',
    affectiveDialog: true,
    proactivityFixed: false,
    mediaChunks: true,
    functionBehavior: 'BLOCKING',
  },
};

/** Most particular first. */
const MODELS: readonly (readonly [RegExp, ProfileName])[] = [
  [/^gemini-3\.8-live-extended-thinking/, 'gemini-3.8-live-extended-thinking'],
  [/^gemini-3\.8-live/, 'gemini-3.8-live'],
  [/^gemini-3(\.\d+)?-flash-live/, 'gemini-3.1-flash-live'],
  [/live-translate/, 'live-translate'],
  [/native-audio/, 'gemini-2.5-native-audio'],
  [/^gemini-live-2\.5-flash|^gemini-2\.0-flash-(live|exp)/, 'half-cascade'],
  [/^(parley-)?emulator$/, 'permissive'],
];

/** `model` may be a bare name, `models/x` or a Vertex resource name; undefined when no live model is so called. */
export function profileOfModel(model: string): ModelProfile | undefined {
  const bare = bareModelName(model);
  const name = MODELS.find(([pattern]) => pattern.test(bare))?.[1];
  return name && PROFILES[name];
}

export function profileNamed(name: ProfileName): ModelProfile {
  return PROFILES[name];
}

export function bareModelName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}
