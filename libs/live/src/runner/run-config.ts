import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import {
  contextWindowCompression,
  generation,
  realtimeInput,
  speech,
  transcription,
} from './run-config-parts.js';

/**
 * ADK's RunConfig: how one `runLive` behaves. Field names and values are ADK's and the Live API's.
 * Unknown fields are refused by name. [src: adk-python agents/run_config.py; genai LiveConnectConfig]
 */
const runConfig = z.strictObject({
  /** Exactly one; `TEXT` on a model that only speaks runs as AUDIO, and its words come as text. */
  responseModalities: z
    .array(z.enum(['AUDIO', 'TEXT']))
    .length(1)
    .default(['AUDIO']),
  /** `SSE` is for `runAsync`; all are accepted and ignored in live, as in ADK. */
  streamingMode: z
    .string()
    .transform((mode) => mode.toUpperCase())
    .pipe(z.enum(['NONE', 'SSE', 'BIDI']))
    .optional(),
  speechConfig: speech.optional(),
  /** On by default; null turns it off. */
  inputAudioTranscription: transcription.nullable().default({}),
  outputAudioTranscription: transcription.nullable().default({}),
  realtimeInputConfig: realtimeInput.optional(),
  proactivity: z.strictObject({ proactiveAudio: z.boolean().optional() }).optional(),
  enableAffectiveDialog: z.boolean().optional(),
  /** `handle` is the sealed one that an earlier run's event carried. `transparent` counts on Vertex only. */
  sessionResumption: z
    .strictObject({ handle: z.string().min(1).optional(), transparent: z.boolean().optional() })
    .optional(),
  contextWindowCompression: contextWindowCompression.optional(),
  historyConfig: z.strictObject({ initialHistoryInClientContent: z.boolean().optional() }).optional(),
  explicitVadSignal: z.boolean().optional(),
  translationConfig: z
    .strictObject({
      targetLanguageCode: z.string().min(2).max(16),
      echoTargetLanguage: z.boolean().optional(),
    })
    .optional(),
  avatarConfig: z.record(z.string(), z.unknown()).optional(),
  /** Keeps what was said and shown as artifacts: playable WAV, images, frame sequences. */
  saveLiveBlob: z.boolean().default(false),
  /** Model turns of a `runAsync`; ≤ 0 means no limit. In live `maxTurns` is what counts. */
  maxLlmCalls: z
    .int()
    .max(Number.MAX_SAFE_INTEGER - 1)
    .default(500),
  /** Put on every event of the run, under the event's own keys. */
  customMetadata: z.record(z.string(), z.unknown()).optional(),
  /** How much of the session is loaded as history. */
  getSessionConfig: z
    .strictObject({
      numRecentEvents: z.int().min(0).optional(),
      /** Milliseconds since the epoch. */
      afterTimestamp: z.number().optional(),
    })
    .optional(),
  /** Told to the model after the history; never stored. */
  modelInputContext: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'model']).optional(),
        parts: z.array(z.strictObject({ text: z.string() })).min(1),
      }),
    )
    .max(64)
    .optional(),
  includeThoughtsFromOtherAgents: z.boolean().default(false),
  /** Calls of one message with the same name and arguments run once. */
  dedupeToolCalls: z.boolean().default(false),
  /** Accepted without effect: tools never block the conversation here. */
  toolThreadPoolConfig: z.strictObject({ maxWorkers: z.int().min(1).max(256) }).optional(),
  ...generation,

  // Caps, which ADK lacks in live. The run ends with an error event that names the cap.
  /** Finished turns of the model. */
  maxTurns: z.int().min(1).optional(),
  maxDurationMs: z.int().min(1_000).optional(),
  /** Sum of what the provider counted, prompt and response, turn by turn. */
  maxTokens: z.int().min(1).optional(),
  /** Nothing said or sent by either side for so long. Silence in the audio counts as nothing. */
  idleTimeoutMs: z.int().min(1_000).optional(),
});

export type RunConfig = z.output<typeof runConfig>;
export type RunConfigInput = z.input<typeof runConfig>;
export type SpeechConfig = z.output<typeof speech>;
export type TranscriptionConfig = z.output<typeof transcription>;
export type RealtimeInputConfig = z.output<typeof realtimeInput>;

/** Of ADK's fields those that stand for something which is not there; naming them must not look like success. */
const NOT_SUPPORTED: Readonly<Record<string, string>> = {
  supportCfc: 'compositional function calling needs a code executor in the service',
  pauseOnToolCalls: 'use requireConfirmation on the tool',
  plainTextToolConfirmation: 'a confirmation is answered with a function response',
  allowRemoteToolConfirmation: 'a confirmation is answered in the session that asked for it',
  saveInputBlobsAsArtifacts: 'use saveLiveBlob, or saveArtifact in a tool',
};

/** Older names of ADK, still in use. */
const RENAMED: Readonly<Record<string, string>> = { saveLiveAudio: 'saveLiveBlob' };

/** Fills in defaults. Throws `ParleyError` `invalid_config` that names every offending field. */
export function parseRunConfig(input: unknown): RunConfig {
  const parsed = runConfig.safeParse(withTodaysNames(input ?? {}));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const at = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownField([at, key].filter(Boolean).join('.')))
      : [`${at}: ${issue.message}`];
  });
  throw new ParleyError('invalid_config', `runConfig is not valid: ${problems.join('; ')}`, {
    kind: 'invalid_argument',
    details: { problems },
  });
}

function unknownField(name: string): string {
  const why = Object.hasOwn(NOT_SUPPORTED, name) ? NOT_SUPPORTED[name] : undefined;
  return why ? `field ${name} is not supported: ${why}` : `unknown field ${name}`;
}

function withTodaysNames(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      Object.hasOwn(RENAMED, key) ? (RENAMED[key] ?? key) : key,
      value,
    ]),
  );
}
