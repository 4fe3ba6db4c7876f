import type { GeminiProvider } from '@parley/gemini';

/** Where the checks are run, and how one gets in. */
export interface Target {
  readonly kind: 'gemini' | 'vertex' | 'emulator';
  /** http or https, without a query. */
  readonly baseUrl: string;
  /** Where connections do not last ten minutes; undefined where there is no such place. */
  readonly shortLivedUrl?: string;
  /** For Parley's own adapter. */
  readonly provider: GeminiProvider;
  /** All of them secret. */
  readonly credential: { readonly apiKey?: string; readonly accessToken?: string };
  /** `models/…`, or its long form. */
  readonly modelName: (model: string) => string;
}

export interface LiveAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const GEMINI_URL = 'https://generativelanguage.googleapis.com';
const GEMINI_SERVICE = 'GenerativeService.BidiGenerateContent';
const VERTEX_VERSION = 'v1beta1';
const GEMINI_VERSION = 'v1beta';

/** The Gemini API, or what speaks like it at `baseUrl`. */
export function geminiTarget(kind: 'gemini' | 'emulator', apiKey: string, baseUrl = GEMINI_URL): Target {
  return {
    kind,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    provider: { kind: 'gemini', apiKey, baseUrl },
    credential: { apiKey },
    modelName: (model) => `models/${model}`,
  };
}

export interface VertexAccess {
  readonly project: string;
  readonly location: string;
  readonly apiKey: string | undefined;
  readonly accessToken: string | undefined;
  readonly baseUrl: string | undefined;
}

export function vertexTarget({ project, location, apiKey, accessToken, baseUrl }: VertexAccess): Target {
  return {
    kind: 'vertex',
    baseUrl: (baseUrl ?? vertexUrl(location)).replace(/\/+$/, ''),
    provider: {
      kind: 'vertex',
      project,
      location,
      ...(apiKey !== undefined && { apiKey }),
      ...(baseUrl !== undefined && { baseUrl }),
    },
    credential: {
      ...(apiKey !== undefined && { apiKey }),
      ...(accessToken !== undefined && { accessToken }),
    },
    modelName: (model) => `projects/${project}/locations/${location}/publishers/google/models/${model}`,
  };
}

/** The WebSocket of the Live API, in its usual version unless another is named. */
export function liveAddress(target: Target, version?: string): LiveAddress {
  const { accessToken, apiKey = '' } = target.credential;
  if (target.kind !== 'vertex') {
    const path = `google.ai.generativelanguage.${version ?? GEMINI_VERSION}.${GEMINI_SERVICE}`;
    return { url: `${socketUrl(target)}/ws/${path}?key=${encodeURIComponent(apiKey)}`, headers: {} };
  }
  const path = `google.cloud.aiplatform.${version ?? VERTEX_VERSION}.LlmBidiService/BidiGenerateContent`;
  return {
    url: `${socketUrl(target)}/ws/${path}`,
    headers:
      accessToken === undefined ? { 'x-goog-api-key': apiKey } : { authorization: `Bearer ${accessToken}` },
  };
}

/** The service for ephemeral tokens. */
export function constrainedAddress(target: Target, version: string, token: string): LiveAddress {
  const path = `google.ai.generativelanguage.${version}.${GEMINI_SERVICE}Constrained`;
  return { url: `${socketUrl(target)}/ws/${path}?access_token=${encodeURIComponent(token)}`, headers: {} };
}

function socketUrl({ baseUrl }: Target): string {
  return baseUrl.replace(/^http/, 'ws');
}

function vertexUrl(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}
