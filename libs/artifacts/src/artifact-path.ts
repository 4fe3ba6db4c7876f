import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isUserArtifact, type ArtifactKey, type SessionKey } from '@parley/live';

const MAX_SEGMENT_LENGTH = 160;

/**
 * Where a file's versions are, below the root: `tenant/app/user/session/<session>/<file>` or `tenant/app/user/user/<file>`.
 * Ids may be any strings; no two keys share a path, and no path leaves the root.
 */
export function artifactFolder(key: ArtifactKey): string {
  const parent = isUserArtifact(key.filename) ? userFolder(key) : sessionFolder(key);
  return join(parent, segment(key.filename));
}

/** Folders of all files of the session. */
export function sessionFolder(key: SessionKey): string {
  return join(
    segment(key.tenantId),
    segment(key.appName),
    segment(key.userId),
    'session',
    segment(key.sessionId),
  );
}

/** Folders of all files that the user's sessions share. */
export function userFolder(key: SessionKey): string {
  return join(segment(key.tenantId), segment(key.appName), segment(key.userId), 'user');
}

/**
 * Any string as one segment of a path. Lower-case letters, digits, `_`, `-` and inner dots stay; every other unit is
 * written `%` and four hexadecimal digits (capitals too, because some file systems ignore case); what gets too long
 * becomes its digest.
 */
function segment(id: string): string {
  const escaped = id.replace(/[^a-z0-9_.-]|^\.|\.$/g, (unit) => {
    return `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  if (escaped.length > MAX_SEGMENT_LENGTH) {
    return `%sha256-${createHash('sha256').update(escaped).digest('hex')}`;
  }
  return escaped === '' ? '%' : escaped;
}
