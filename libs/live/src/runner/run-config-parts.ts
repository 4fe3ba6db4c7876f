import { z } from 'zod';

/** The Live API's own settings inside a RunConfig, field for field. [src: genai LiveConnectConfig] */

const voice = z.strictObject({
  prebuiltVoiceConfig: z.strictObject({ voiceName: z.string().min(1).max(64) }).optional(),
  /** A custom voice; samples are base64 WAV, 24 kHz PCM16. */
  replicatedVoiceConfig: z
    .strictObject({
      mimeType: z.string().optional(),
      voiceSampleAudio: z.string().optional(),
      consentAudio: z.string().optional(),
      voiceConsentSignature: z.strictObject({ signature: z.string() }).optional(),
    })
    .optional(),
});

export const speech = z.strictObject({
  voiceConfig: voice.optional(),
  multiSpeakerVoiceConfig: z
    .strictObject({
      speakerVoiceConfigs: z.array(z.strictObject({ speaker: z.string(), voiceConfig: voice })),
    })
    .optional(),
  languageCode: z.string().min(2).max(16).optional(),
});

export const transcription = z.strictObject({
  languageCodes: z.array(z.string()).optional(),
  languageHints: z.array(z.string()).optional(),
  customVocabulary: z.array(z.string()).optional(),
  adaptationPhrases: z.array(z.string()).optional(),
  mode: z.enum(['VERBATIM', 'SMART']).optional(),
  wordTimestamp: z.boolean().optional(),
  diarization: z.boolean().optional(),
});

export const realtimeInput = z.strictObject({
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
  interimTranscriptTimestampEnabled: z.boolean().optional(),
});

/** int64 on the wire: numbers and strings of digits are the same. */
const tokens = z.union([z.int().min(1), z.string().regex(/^\d{1,15}$/)]).transform(Number);

export const contextWindowCompression = z.strictObject({
  triggerTokens: tokens.optional(),
  slidingWindow: z.strictObject({ targetTokens: tokens.optional() }).optional(),
});

/** How the model generates; which of these a model takes is checked before a connection is opened. */
export const generation = {
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().min(1).optional(),
  maxOutputTokens: z.int().min(1).optional(),
  seed: z.int().optional(),
  mediaResolution: z
    .enum(['MEDIA_RESOLUTION_LOW', 'MEDIA_RESOLUTION_MEDIUM', 'MEDIA_RESOLUTION_HIGH'])
    .optional(),
  thinkingConfig: z
    .strictObject({
      includeThoughts: z.boolean().optional(),
      thinkingBudget: z.int().optional(),
      thinkingLevel: z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']).optional(),
    })
    .optional(),
  safetySettings: z.array(z.strictObject({ category: z.string(), threshold: z.string() })).optional(),
};

/** The names of these: what is passed on to a model, live or not. */
export const GENERATION_FIELDS = Object.keys(generation) as readonly (keyof typeof generation)[];
