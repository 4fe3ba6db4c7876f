import type { Part } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import { isArtifactName } from './artifact-name.js';
import type { ArtifactKey } from './artifact-service.js';

/** One file at most; room for 100 MB of video frames in one archive. */
export const MAX_ARTIFACT_BYTES = 128 * 1024 * 1024;
const MAX_METADATA_CHARS = 64 * 1024;

/** What a store keeps of one version. */
export interface ArtifactBody {
  readonly mimeType: string;
  /** It was saved as text and is given back so. */
  readonly isText: boolean;
  readonly bytes: Uint8Array;
  /** JSON of the custom metadata. */
  readonly metadata: string;
}

/** Checks what `saveArtifact` was given; shares no memory with it. Throws as `saveArtifact` does. */
export function artifactBody(
  { filename }: ArtifactKey,
  part: Part,
  customMetadata: Readonly<Record<string, unknown>> = {},
  maxBytes = MAX_ARTIFACT_BYTES,
): ArtifactBody {
  if (!isArtifactName(filename)) throw refused('This is not a name for a file.');
  const metadata = JSON.stringify(customMetadata);
  if (metadata.length > MAX_METADATA_CHARS) throw refused('The metadata of the file is too big.');
  const body = bodyOf(part);
  if (!body) throw refused('A file needs inlineData or text.');
  if (body.bytes.byteLength > maxBytes) {
    throw new ParleyError('frame_too_large', `The file has more than ${maxBytes} bytes.`, {
      kind: 'invalid_argument',
      details: { maxBytes },
    });
  }
  return { ...body, metadata };
}

/** The part again, in memory of its own. */
export function artifactPart({ mimeType, isText, bytes }: Omit<ArtifactBody, 'metadata'>): Part {
  if (isText) return { text: new TextDecoder().decode(bytes) };
  return { inlineData: { mimeType, data: bytes.slice() } };
}

function bodyOf({ inlineData, text }: Part): Omit<ArtifactBody, 'metadata'> | undefined {
  if (inlineData) {
    return { mimeType: inlineData.mimeType, isText: false, bytes: inlineData.data.slice() };
  }
  if (text === undefined) return undefined;
  return { mimeType: 'text/plain', isText: true, bytes: new TextEncoder().encode(text) };
}

function refused(message: string): ParleyError {
  return new ParleyError('invalid_message', message, { kind: 'invalid_argument' });
}
