import { isArtifactName } from './artifact-name.js';
import type { ArtifactKey } from './artifact-service.js';

const URI = /^artifact:\/\/([^/#]+)\/([^/#]+)\/([^/#]+)\/([^#]+)#(\d{1,9})$/;

/** Where an artifact is found again: `artifact://app/user/session/name#version`, each part percent-encoded. */
export function artifactUri({ appName, userId, sessionId, filename }: ArtifactKey, version: number): string {
  const path = [appName, userId, sessionId, ...filename.split('/')].map(encodeURIComponent).join('/');
  return `artifact://${path}#${version}`;
}

export interface ArtifactReference {
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly filename: string;
  readonly version: number;
}

/**
 * Reads what `artifactUri` wrote; undefined for anything else. The URI names no tenant: whoever resolves it takes
 * the tenant from the request, never from the URI.
 */
export function parseArtifactUri(uri: string): ArtifactReference | undefined {
  const [, app, user, session, name, version] = URI.exec(uri) ?? [];
  if (!app || !user || !session || !name || !version) return undefined;
  try {
    const [appName, userId, sessionId] = [app, user, session].map(decodeURIComponent);
    const filename = name.split('/').map(decodeURIComponent).join('/');
    if (!appName || !userId || !sessionId || !isArtifactName(filename)) return undefined;
    return { appName, userId, sessionId, filename, version: Number(version) };
  } catch {
    return undefined;
  }
}
