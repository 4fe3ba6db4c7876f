/** What moving a folder to a place that is taken fails with. */
const TAKEN = process.platform === 'win32' ? ['EPERM', 'EACCES', 'EEXIST'] : ['ENOTEMPTY', 'EEXIST'];

/** The path, or a folder on the way to it, does not exist. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

/** A folder could not be moved because there is one with something in it. */
export function isTaken(error: unknown): boolean {
  return TAKEN.includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
