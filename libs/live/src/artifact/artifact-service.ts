import type { Part } from '@parley/event';
import type { SessionKey } from '../session/session-service.js';

/** A file name under `user:` belongs to all sessions of the user; any other to its session. May contain `/`. */
export interface ArtifactKey extends SessionKey {
  readonly filename: string;
}

export interface ArtifactVersion {
  readonly version: number;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Integer milliseconds since the epoch. */
  readonly createTime: number;
  readonly customMetadata: Readonly<Record<string, unknown>>;
}

/**
 * ADK's ArtifactService: files with versions, counted from 0, which never change once saved. Another tenant's key
 * answers as if there were nothing (I7), and so does a name that `isArtifactName` refuses.
 */
export interface ArtifactService {
  /**
   * Saves a new version and resolves with its number. `part` has `inlineData` or `text` (which comes back as text,
   * with what is not well-formed Unicode replaced). Throws `ParleyError` `invalid_message` for a name or a part that
   * can't be kept, `frame_too_large` for a file that is too big.
   */
  saveArtifact(
    key: ArtifactKey,
    part: Part,
    options?: { readonly customMetadata?: Readonly<Record<string, unknown>> },
  ): Promise<number>;
  /** The newest version, or the one asked for; undefined when there is none. */
  loadArtifact(key: ArtifactKey, version?: number): Promise<Part | undefined>;
  /** Names in the session and those under `user:`, sorted. */
  listArtifactKeys(key: SessionKey): Promise<readonly string[]>;
  /** Oldest first. */
  listVersions(key: ArtifactKey): Promise<readonly ArtifactVersion[]>;
  deleteArtifact(key: ArtifactKey): Promise<void>;
  /** Deletes all files of the session, but none under `user:`. Whoever deletes a session calls this. */
  deleteSessionArtifacts(key: SessionKey): Promise<void>;
}
