const USER_PREFIX = 'user:';
const MAX_NAME_LENGTH = 512;

/**
 * Whether a file may be called so: relative, without empty, `.` or `..` segments, backslashes and control
 * characters, well-formed, at most 512 characters.
 */
export function isArtifactName(filename: string): boolean {
  const name = isUserArtifact(filename) ? filename.slice(USER_PREFIX.length) : filename;
  if (name.length > MAX_NAME_LENGTH || /[\\\p{Cc}\p{Cs}]/u.test(name)) return false;
  return name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Whether the file belongs to all sessions of its user. */
export function isUserArtifact(filename: string): boolean {
  return filename.startsWith(USER_PREFIX);
}
