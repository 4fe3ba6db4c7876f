import { ParleyError } from '@parley/kernel';
import type { GoogleGenAIOptions } from '@google/genai';

/** Whose model answers, and how it is paid for. */
export type GeminiProvider =
  | { readonly kind: 'gemini'; readonly apiKey: string; readonly baseUrl?: string }
  | {
      readonly kind: 'vertex';
      readonly project: string;
      readonly location: string;
      /** Express mode; without it, application default credentials are used. */
      readonly apiKey?: string;
      /** A service account's key file, in place of the application default credentials. */
      readonly keyFile?: string;
      readonly baseUrl?: string;
    }
  /** The emulator: nobody's real model. */
  | { readonly kind: 'emulated'; readonly baseUrl: string };

const GEMINI_URL = 'https://generativelanguage.googleapis.com';
const VERTEX_MULTI_REGIONS = new Set(['us', 'eu']);

/** The emulator takes any key; the SDK insists on one, and would look for it in the environment. */
const EMULATED_KEY = 'emulated';

/**
 * Options for the SDK with everything spelled out that it would otherwise read from the environment (backend, key,
 * address), so that no variable can send a tenant's key elsewhere. The Live API is documented for v1beta only, and
 * for v1beta1 on Vertex.
 */
export function sdkOptionsOf(provider: GeminiProvider): GoogleGenAIOptions {
  switch (provider.kind) {
    case 'gemini':
      return geminiOptions(requireKey(provider.apiKey), provider.baseUrl ?? GEMINI_URL);
    case 'emulated':
      return geminiOptions(EMULATED_KEY, provider.baseUrl);
    case 'vertex': {
      const project = requireName('project', provider.project);
      const location = requireName('location', provider.location);
      return {
        vertexai: true,
        apiVersion: 'v1beta1',
        project,
        location,
        ...(provider.apiKey === undefined ? {} : { apiKey: requireKey(provider.apiKey) }),
        ...(provider.keyFile === undefined ? {} : { googleAuthOptions: { keyFilename: provider.keyFile } }),
        httpOptions: { baseUrl: httpUrl(provider.baseUrl ?? vertexUrl(location)) },
      };
    }
  }
}

function geminiOptions(apiKey: string, baseUrl: string): GoogleGenAIOptions {
  return { vertexai: false, apiVersion: 'v1beta', apiKey, httpOptions: { baseUrl: httpUrl(baseUrl) } };
}

function vertexUrl(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (VERTEX_MULTI_REGIONS.has(location)) return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** The SDK puts the key into the address as it is: one with `&` or `#` in it would be cut short. */
function requireKey(apiKey: string): string {
  if (!/^[\w./~-]+$/.test(apiKey)) throw badSelection('apiKey', 'is not an API key');
  return apiKey;
}

function requireName(field: 'project' | 'location', value: string): string {
  if (!/^[a-z0-9][a-z0-9.:-]*$/.test(value)) throw badSelection(field, `is not the name of a ${field}`);
  return value;
}

/** The SDK derives the socket's address from it: `http` gives `ws`, anything else (also `ws`!) gives `wss`. */
function httpUrl(baseUrl: string): string {
  let url: URL;
  try {
    url = new URL(baseUrl.replace(/^ws(s?):/, 'http$1:'));
  } catch {
    throw badSelection('baseUrl', 'is not a URL');
  }
  if (!/^https?:$/.test(url.protocol)) throw badSelection('baseUrl', 'has to be an http or https URL');
  if (url.search || url.hash || url.username)
    throw badSelection('baseUrl', 'can have no query, hash or user');
  return url.toString().replace(/\/+$/, '');
}

function badSelection(field: string, problem: string): ParleyError {
  return new ParleyError('provider_config', `The model provider's ${field} ${problem}.`, {
    kind: 'invalid_argument',
    details: { field },
  });
}
