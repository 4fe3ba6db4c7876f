import { ParleyError } from '@parley/kernel';
import { readContentText } from './content.js';
import { readFunctions, type FunctionDeclaration } from './function-declaration.js';
import type { ProtoObject } from './proto-object.js';

/** What the first client message asks for, as far as the emulator acts on it. */
export interface Setup {
  readonly model: string;
  readonly responseModalities: readonly string[];
  readonly voiceName: string | undefined;
  readonly multiSpeakerVoice: boolean;
  readonly thinking: { readonly level: string | undefined; readonly budget: number | undefined } | undefined;
  readonly affectiveDialog: boolean;
  /** Proactivity was set, and to what. */
  readonly proactiveAudio: boolean | undefined;
  readonly systemInstruction: string;
  readonly functions: readonly FunctionDeclaration[];
  readonly activityDetection: ActivityDetectionSetup;
  readonly interruptible: boolean;
  readonly turnCoverage: string | undefined;
  readonly inputTranscription: boolean;
  readonly outputTranscription: boolean;
  readonly resumption: { readonly handle: string | undefined; readonly transparent: boolean } | undefined;
  /** Turns on `historyConfig.initialHistoryInClientContent`. */
  readonly initialHistory: boolean;
  readonly compression: CompressionSetup | undefined;
  readonly mediaResolution: 'LOW' | 'MEDIUM' | 'HIGH' | undefined;
  /** BCP-47; undefined unless `translationConfig` is set. */
  readonly translateTo: string | undefined;
  readonly explicitVadSignal: boolean;
}

/** `contextWindowCompression`; what is undefined is left to the model. */
export interface CompressionSetup {
  readonly triggerTokens: number | undefined;
  readonly targetTokens: number | undefined;
}

export interface ActivityDetectionSetup {
  readonly disabled: boolean;
  readonly startSensitivity: 'HIGH' | 'LOW' | undefined;
  readonly endSensitivity: 'HIGH' | 'LOW' | undefined;
  readonly prefixPaddingMs: number | undefined;
  readonly silenceDurationMs: number | undefined;
}

const KNOWN_FIELDS = new Set([
  'model',
  'generationConfig',
  'systemInstruction',
  'tools',
  'toolConfig',
  'realtimeInputConfig',
  'sessionResumption',
  'contextWindowCompression',
  'inputAudioTranscription',
  'outputAudioTranscription',
  'proactivity',
  'historyConfig',
  'explicitVadSignal',
  'safetySettings',
  'avatarConfig',
  'labels',
]);

/** Throws `invalid_message` with `details.unknownField` for a name that Google's parser would not find. */
export function readSetup(setup: ProtoObject): Setup {
  for (const name of setup.names()) {
    if (!KNOWN_FIELDS.has(name)) throw unknownField(name);
  }
  const generation = setup.object('generationConfig');
  const speech = generation?.object('speechConfig');
  const thinking = generation?.object('thinkingConfig');
  const realtime = setup.object('realtimeInputConfig');
  const detection = realtime?.object('automaticActivityDetection');
  const resumption = setup.object('sessionResumption');
  const proactivity = setup.object('proactivity');
  const instruction = setup.object('systemInstruction');
  const translation = generation?.object('translationConfig');
  return {
    model: setup.string('model') ?? '',
    responseModalities: (generation?.strings('responseModalities') ?? []).map((name) => name.toUpperCase()),
    voiceName: speech?.object('voiceConfig')?.object('prebuiltVoiceConfig')?.string('voiceName'),
    multiSpeakerVoice: speech?.has('multiSpeakerVoiceConfig') ?? false,
    thinking:
      thinking === undefined
        ? undefined
        : { level: thinking.enumName('thinkingLevel'), budget: thinking.integer('thinkingBudget') },
    affectiveDialog: generation?.boolean('enableAffectiveDialog') ?? false,
    proactiveAudio: proactivity?.has('proactiveAudio') ? proactivity.boolean('proactiveAudio') : undefined,
    systemInstruction: instruction === undefined ? '' : readContentText(instruction),
    functions: readFunctions(setup.objects('tools')),
    activityDetection: {
      disabled: detection?.boolean('disabled') ?? false,
      startSensitivity: sensitivity(detection?.enumName('startOfSpeechSensitivity')),
      endSensitivity: sensitivity(detection?.enumName('endOfSpeechSensitivity')),
      prefixPaddingMs: detection?.integer('prefixPaddingMs'),
      silenceDurationMs: detection?.integer('silenceDurationMs'),
    },
    interruptible: realtime?.enumName('activityHandling') !== 'NO_INTERRUPTION',
    turnCoverage: realtime?.enumName('turnCoverage'),
    inputTranscription: setup.has('inputAudioTranscription'),
    outputTranscription: setup.has('outputAudioTranscription'),
    resumption:
      resumption === undefined
        ? undefined
        : {
            handle: resumption.string('handle') || undefined,
            transparent: resumption.boolean('transparent'),
          },
    initialHistory: setup.object('historyConfig')?.boolean('initialHistoryInClientContent') ?? false,
    compression: readCompression(setup.object('contextWindowCompression')),
    mediaResolution: readResolution(generation?.enumName('mediaResolution')),
    translateTo: translation && (translation.string('targetLanguageCode') ?? ''),
    explicitVadSignal: setup.boolean('explicitVadSignal'),
  };
}

function readCompression(compression: ProtoObject | undefined): CompressionSetup | undefined {
  if (!compression) return undefined;
  return {
    triggerTokens: compression.integer('triggerTokens'),
    targetTokens: compression.object('slidingWindow')?.integer('targetTokens'),
  };
}

function readResolution(name: string | undefined): Setup['mediaResolution'] {
  return (['LOW', 'MEDIUM', 'HIGH'] as const).find((level) => name?.endsWith(`_${level}`));
}

function sensitivity(name: string | undefined): 'HIGH' | 'LOW' | undefined {
  if (name?.endsWith('_HIGH')) return 'HIGH';
  return name?.endsWith('_LOW') ? 'LOW' : undefined;
}

function unknownField(name: string): ParleyError {
  return new ParleyError('invalid_message', `Unknown field '${name}' in setup.`, {
    kind: 'invalid_argument',
    details: { unknownField: name, at: 'setup' },
  });
}
