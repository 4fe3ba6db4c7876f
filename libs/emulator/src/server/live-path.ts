/** What a request path asks for. */
export interface LivePath {
  readonly api: 'gemini' | 'vertex';
  readonly version: string;
  /** The service for ephemeral tokens. */
  readonly constrained: boolean;
  /** From the prefix `/s/{name}`; `default` without one. */
  readonly scenario: string;
}

const GEMINI =
  /^ws\/google\.ai\.generativelanguage\.(v1|v1alpha|v1beta|v1beta1)\.GenerativeService\.BidiGenerateContent(Constrained)?$/;
const VERTEX =
  /^ws\/google\.cloud\.aiplatform\.(v1|v1alpha|v1beta|v1beta1)\.LlmBidiService\/BidiGenerateContent$/;

/**
 * Reads a request target. SDKs write double slashes (`//ws/google…`), which `new URL` would take for a host, so
 * that empty segments are dropped first. The bare path is what the SDK uses in Vertex proxy mode. Undefined when
 * there is no such service.
 */
export function readLivePath(target: string): LivePath | undefined {
  const [path = ''] = target.split('?', 1);
  let segments = path.split('/').filter((segment) => segment !== '');
  let scenario = 'default';
  if (segments[0] === 's' && segments[1] !== undefined) {
    scenario = segments[1];
    segments = segments.slice(2);
  }
  if (segments.length === 0) return { api: 'vertex', version: 'v1beta1', constrained: false, scenario };
  const service = segments.join('/');
  const gemini = GEMINI.exec(service);
  if (gemini) {
    return { api: 'gemini', version: gemini[1] ?? '', constrained: gemini[2] !== undefined, scenario };
  }
  const vertex = VERTEX.exec(service);
  return vertex ? { api: 'vertex', version: vertex[1] ?? '', constrained: false, scenario } : undefined;
}

/** The scenario that a request asks for: by its path, else by the header `x-emu-scenario`. */
export function scenarioOf(path: LivePath, headers: Readonly<Record<string, unknown>>): string {
  const header = headers['x-emu-scenario'];
  return path.scenario === 'default' && typeof header === 'string' ? header : path.scenario;
}

/** Whatever the client proves itself with; '' for nothing. Only ever hashed. */
export function credentialOf(target: string, headers: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const given =
    query.get('key') ?? query.get('access_token') ?? headers['x-goog-api-key'] ?? headers.authorization;
  return typeof given === 'string' ? given.replace(/^Token\s+/i, '') : '';
}
