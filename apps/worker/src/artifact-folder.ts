import { access, constants, mkdir } from 'node:fs/promises';
import { FileArtifactService } from '@parley/artifacts';
import { ParleyError, type Clock } from '@parley/kernel';
import type { ArtifactService } from '@parley/live';

/** Files of sessions, in the folder of `PARLEY_ARTIFACTS_DIR`, which is made. Throws `ParleyError` `invalid_config`. */
export async function openArtifactFolder(rootDirectory: string, clock: Clock): Promise<ArtifactService> {
  try {
    await mkdir(rootDirectory, { recursive: true });
    await access(rootDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ParleyError(
      'invalid_config',
      `PARLEY_ARTIFACTS_DIR: nothing can be written to ${rootDirectory}.`,
      { kind: 'failed_precondition', cause },
    );
  }
  return new FileArtifactService({ rootDirectory, clock });
}
