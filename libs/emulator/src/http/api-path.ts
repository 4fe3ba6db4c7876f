/** What a plain HTTP request asks the API for. */
export type ApiPath = {
  /** From the prefix `/s/{name}`. */
  readonly scenario: string;
  readonly version: string;
  readonly api: 'gemini' | 'vertex';
} & (
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly model: string }
  | { readonly kind: 'method'; readonly model: string; readonly method: string }
  | { readonly kind: 'authTokens' }
);

const VERSION = /^(?:v1|v1alpha|v1beta|v1beta1)$/;
const VERTEX_OWNER = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\//;

/** Undefined when the API has nothing at this path. */
export function readApiPath(target: string): ApiPath | undefined {
  const [path = ''] = target.split('?', 1);
  const segments = path.split('/').filter((segment) => segment !== '');
  const [scenario = 'default'] = segments[0] === 's' ? segments.splice(0, 2).slice(1) : [];
  const version = segments.shift() ?? '';
  if (!VERSION.test(version)) return undefined;
  const whole = segments.map(decodeSegment).join('/');
  const resource = whole.replace(VERTEX_OWNER, '');
  const place = { scenario, version, api: resource === whole ? 'gemini' : 'vertex' } as const;
  if (resource === 'auth_tokens' && place.api === 'gemini') return { ...place, kind: 'authTokens' };
  if (resource === 'models') return { ...place, kind: 'models' };
  const [, model, method] = /^models\/([^/:]+)(?::(\w+))?$/.exec(resource) ?? [];
  if (model === undefined) return undefined;
  return method === undefined
    ? { ...place, kind: 'model', model }
    : { ...place, kind: 'method', model, method };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
