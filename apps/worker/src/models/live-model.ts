import type { SettingsOf, workerSettings } from '@parley/config';
import { GeminiLiveModel, type GeminiProvider } from '@parley/gemini';
import { ParleyError, type Clock, type Log } from '@parley/kernel';

/** The model that this worker's settings choose: Vertex, the Gemini API, or the emulator, in that order. */
export function liveModelOf(
  settings: SettingsOf<typeof workerSettings>,
  clock: Clock,
  log: Log,
): GeminiLiveModel {
  const { model, providerMasking: masking } = settings;
  return new GeminiLiveModel({ provider: providerOf(settings), model, masking, clock, log });
}

function providerOf(settings: SettingsOf<typeof workerSettings>): GeminiProvider {
  const apiKey = settings.geminiApiKey ?? settings.googleApiKey;
  if (settings.useVertex) {
    const { vertexProject: project, vertexLocation: location } = settings;
    if (project === undefined || location === undefined) {
      throw new ParleyError(
        'invalid_config',
        'Vertex AI needs GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION.',
      );
    }
    return { kind: 'vertex', project, location, ...(apiKey === undefined ? {} : { apiKey }) };
  }
  if (apiKey !== undefined) return { kind: 'gemini', apiKey };
  if (settings.emulatorUrl !== undefined) return { kind: 'emulated', baseUrl: settings.emulatorUrl };
  throw new ParleyError(
    'invalid_config',
    'Set GEMINI_API_KEY, the Vertex AI settings, or PARLEY_EMULATOR_URL.',
  );
}
