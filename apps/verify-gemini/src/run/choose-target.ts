import type { SettingsOf } from '@parley/config';
import type { VerifyOptions } from '../verify-options.js';
import type { verifySettings } from '../verify-settings.js';
import { geminiTarget, vertexTarget, type Target } from './target.js';

export type VerifySettings = SettingsOf<typeof verifySettings>;

/** Google's service as the command line and the environment name it, else what is missing, in two lines. */
export function chooseTarget(options: VerifyOptions, settings: VerifySettings): Target | { missing: string } {
  const { accessToken, googleApiKey, useVertex, vertexLocation, vertexProject } = settings;
  const { baseUrl } = options;
  if (options.service === 'vertex' || useVertex) {
    const entry = googleApiKey !== undefined || accessToken !== undefined;
    if (vertexProject === undefined || vertexLocation === undefined || !entry) return { missing: NO_VERTEX };
    const access = { project: vertexProject, location: vertexLocation, apiKey: googleApiKey, accessToken };
    return vertexTarget({ ...access, baseUrl });
  }
  const apiKey = settings.geminiApiKey ?? googleApiKey;
  return apiKey === undefined ? { missing: NO_KEY } : geminiTarget('gemini', apiKey, baseUrl);
}

const TRY_EMULATOR = 'To see it work without a key: npm run verify:gemini -- --emulator';
const NO_KEY = `Set GEMINI_API_KEY (or GOOGLE_API_KEY): a key of the Gemini API, see docs/verify-gemini.md for the cost.\n${TRY_EMULATOR}`;
const NO_VERTEX = `Set GOOGLE_CLOUD_PROJECT, GOOGLE_CLOUD_LOCATION, and GOOGLE_API_KEY or GOOGLE_ACCESS_TOKEN.\n${TRY_EMULATOR}`;
