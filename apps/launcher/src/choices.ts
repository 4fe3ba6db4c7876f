import type { launcherSettings, SettingsOf } from '@parley/config';
import type { StackOptions } from '@parley/local';

type Settings = SettingsOf<typeof launcherSettings>;

/** What was chosen to run on, and why, in words for whoever started it. */
export interface Choices {
  readonly redis: StackOptions['redis'];
  readonly provider: StackOptions['provider'];
  readonly providerWhy: string;
  readonly databaseWhy: string;
}

export function choose(settings: Settings): Choices {
  return {
    redis: settings.redisUrl === undefined ? { prefer: 'server' } : { url: settings.redisUrl },
    ...chooseProvider(settings),
    databaseWhy:
      settings.databaseUrl === undefined
        ? `a libsql file in ${settings.dataDir} (DATABASE_URL is not set)`
        : `${settings.databaseUrl.split(':')[0]} (DATABASE_URL is set)`,
  };
}

function chooseProvider(settings: Settings): Pick<Choices, 'provider' | 'providerWhy'> {
  if (settings.useVertex) {
    return { provider: { kind: 'environment' }, providerWhy: 'Vertex AI (GOOGLE_GENAI_USE_VERTEXAI is set)' };
  }
  if (settings.geminiApiKey !== undefined || settings.googleApiKey !== undefined) {
    const name = settings.geminiApiKey === undefined ? 'GOOGLE_API_KEY' : 'GEMINI_API_KEY';
    return {
      provider: { kind: 'environment' },
      providerWhy: `the Gemini API, ${settings.model} (${name} is set)`,
    };
  }
  return {
    provider: { kind: 'emulator', speech: 'real' },
    providerWhy: 'the emulator: rules, not a model (no GEMINI_API_KEY is set)',
  };
}
