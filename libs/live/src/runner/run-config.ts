import { ParleyError } from '@parley/kernel';
import { z } from 'zod';

/**
 * ADK's RunConfig: how one `runLive` behaves. Field names and values are ADK's and the Live API's.
 * Unknown fields are refused by name. [src: adk-python agents/run_config.py; genai LiveConnectConfig]
 */
const speechConfig = z.strictObject({
  voiceConfig: z
    .strictObject({
      prebuiltVoiceConfig: z.strictObject({ voiceName: z.string().min(1).max(64) }).optional(),
    })
    .optional(),
  languageCode: z.string().min(2).max(16).optional(),
});

const transcriptionConfig = z.strictObject({ languageCodes: z.array(z.string()).optional() });

const realtimeInputConfig = z.strictObject({
  automaticActivityDetection: z
    .strictObject({
      disabled: z.boolean().optional(),
      startOfSpeechSensitivity: z.enum(['START_SENSITIVITY_HIGH', 'START_SENSITIVITY_LOW']).optional(),
      endOfSpeechSensitivity: z.enum(['END_SENSITIVITY_HIGH', 'END_SENSITIVITY_LOW']).optional(),
      prefixPaddingMs: z.int().min(0).max(5_000).optional(),
      silenceDurationMs: z.int().min(0).max(10_000).optional(),
    })
    .optional(),
  activityHandling: z.enum(['START_OF_ACTIVITY_INTERRUPTS', 'NO_INTERRUPTION']).optional(),
  turnCoverage: z
    .enum([
      'TURN_INCLUDES_ONLY_ACTIVITY',
      'TURN_INCLUDES_ALL_INPUT',
      'TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO',
    ])
    .optional(),
});

const runConfig = z.strictObject({
  /** Exactly one; `TEXT` on a model that only speaks runs as AUDIO, and the text comes as transcription. */
  responseModalities: z
    .array(z.enum(['AUDIO', 'TEXT']))
    .length(1)
    .default(['AUDIO']),
  /** Accepted and ignored in live, as in ADK. */
  streamingMode: z.string().optional(),
  speechConfig: speechConfig.optional(),
  /** On by default; null turns it off. */
  inputAudioTranscription: transcriptionConfig.nullable().default({}),
  outputAudioTranscription: transcriptionConfig.nullable().default({}),
  realtimeInputConfig: realtimeInputConfig.optional(),
  proactivity: z.strictObject({ proactiveAudio: z.boolean().optional() }).optional(),
  enableAffectiveDialog: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().min(1).optional(),
  maxOutputTokens: z.int().min(1).optional(),
  seed: z.int().optional(),
  /** Put on every event of the run, under the event's own keys. */
  customMetadata: z.record(z.string(), z.unknown()).optional(),
});

export type RunConfig = z.output<typeof runConfig>;
export type RunConfigInput = z.input<typeof runConfig>;
export type SpeechConfig = z.output<typeof speechConfig>;
export type TranscriptionConfig = z.output<typeof transcriptionConfig>;
export type RealtimeInputConfig = z.output<typeof realtimeInputConfig>;

/** Fills in defaults. Throws `ParleyError` `invalid_config` that names every offending field. */
export function parseRunConfig(input: unknown): RunConfig {
  const parsed = runConfig.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const at = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? `unknown field ${issue.keys.map((key) => [at, key].filter(Boolean).join('.')).join(', ')}`
      : `${at}: ${issue.message}`;
  });
  throw new ParleyError('invalid_config', `runConfig is not valid: ${problems.join('; ')}`, {
    kind: 'invalid_argument',
    details: { problems },
  });
}
