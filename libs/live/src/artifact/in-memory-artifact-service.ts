import type { Part } from '@parley/event';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import type { SessionKey } from '../session/session-service.js';
import { artifactBody, artifactPart, type ArtifactBody } from './artifact-body.js';
import { isUserArtifact } from './artifact-name.js';
import type { ArtifactKey, ArtifactService, ArtifactVersion } from './artifact-service.js';

const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

interface StoredVersion extends ArtifactBody {
  readonly createTime: number;
}

/**
 * Artifacts in this process's memory, for tests and for trying things out. Holds 256 MiB by default; beyond it
 * `saveArtifact` throws `capacity_exhausted` and what is there stays.
 */
export class InMemoryArtifactService implements ArtifactService {
  readonly #clock: Clock;
  readonly #maxTotalBytes: number;
  /** By folder, then by name: the versions. */
  readonly #folders = new Map<string, Map<string, StoredVersion[]>>();
  #totalBytes = 0;

  constructor(options: { readonly clock?: Clock; readonly maxTotalBytes?: number } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxTotalBytes = options.maxTotalBytes ?? MAX_TOTAL_BYTES;
  }

  async saveArtifact(
    key: ArtifactKey,
    part: Part,
    options: { readonly customMetadata?: Readonly<Record<string, unknown>> } = {},
  ): Promise<number> {
    const body = artifactBody(key, part, options.customMetadata);
    if (this.#totalBytes + body.bytes.byteLength > this.#maxTotalBytes) {
      throw new ParleyError('capacity_exhausted', 'There is no room for more files.', {
        kind: 'resource_exhausted',
      });
    }
    const folderId = folderOf(key, isUserArtifact(key.filename));
    const folder = this.#folders.get(folderId) ?? new Map<string, StoredVersion[]>();
    this.#folders.set(folderId, folder);
    const versions = folder.get(key.filename) ?? [];
    folder.set(key.filename, versions);
    this.#totalBytes += body.bytes.byteLength;
    return versions.push({ ...body, createTime: this.#clock.nowMs() }) - 1;
  }

  async loadArtifact(key: ArtifactKey, version?: number): Promise<Part | undefined> {
    const versions = this.#versions(key);
    const wanted = version === undefined ? versions.at(-1) : versions[version];
    return wanted && artifactPart(wanted);
  }

  async listArtifactKeys(key: SessionKey): Promise<readonly string[]> {
    const folders = [folderOf(key, false), folderOf(key, true)];
    return folders.flatMap((id) => [...(this.#folders.get(id)?.keys() ?? [])]).sort();
  }

  async listVersions(key: ArtifactKey): Promise<readonly ArtifactVersion[]> {
    return this.#versions(key).map(({ mimeType, bytes, createTime, metadata }, version) => ({
      version,
      mimeType,
      sizeBytes: bytes.byteLength,
      createTime,
      customMetadata: JSON.parse(metadata) as Record<string, unknown>,
    }));
  }

  async deleteArtifact(key: ArtifactKey): Promise<void> {
    this.#forget(this.#versions(key));
    this.#folders.get(folderOf(key, isUserArtifact(key.filename)))?.delete(key.filename);
  }

  async deleteSessionArtifacts(key: SessionKey): Promise<void> {
    const id = folderOf(key, false);
    for (const versions of this.#folders.get(id)?.values() ?? []) this.#forget(versions);
    this.#folders.delete(id);
  }

  #versions(key: ArtifactKey): readonly StoredVersion[] {
    return this.#folders.get(folderOf(key, isUserArtifact(key.filename)))?.get(key.filename) ?? [];
  }

  #forget(versions: readonly StoredVersion[]): void {
    for (const { bytes } of versions) this.#totalBytes -= bytes.byteLength;
  }
}

function folderOf({ tenantId, appName, userId, sessionId }: SessionKey, ofUser: boolean): string {
  return JSON.stringify(ofUser ? [tenantId, appName, userId] : [tenantId, appName, userId, sessionId]);
}
