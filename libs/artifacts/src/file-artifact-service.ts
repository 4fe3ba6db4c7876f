import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Part } from '@parley/event';
import { newId, ParleyError, systemClock, type Clock } from '@parley/kernel';
import {
  artifactBody,
  artifactPart,
  isArtifactName,
  MAX_ARTIFACT_BYTES,
  type ArtifactKey,
  type ArtifactService,
  type ArtifactVersion,
  type SessionKey,
} from '@parley/live';
import { artifactFolder, sessionFolder, userFolder } from './artifact-path.js';
import { isMissing, isTaken } from './file-error.js';
import { DATA_FILE, readDescription, writeVersion, type Description } from './version-folder.js';

const VERSION = /^\d{1,9}$/;
/** Saves and deletions of one file that may get in each other's way before one gives up. */
const MAX_ATTEMPTS = 100;

export interface FileArtifactServiceOptions {
  /** Made when it is missing. Processes may share it, also through a network file system with atomic `rename`. */
  readonly rootDirectory: string;
  /** Of one file; 128 MiB by default. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

/**
 * Artifacts in a directory: one folder a file, in it one folder a version with its data and a description.
 *
 * 1. A version is there whole or not at all: it is written aside, flushed to the disk, and moved to its place at
 *    once, which fails when the place is taken. So two processes never give one version twice.
 * 2. No key, whatever is in it, names a path outside of the root or of its tenant, app and user (I7).
 * 3. What a killed process left unfinished lies in `.unfinished` and can be deleted while nothing runs.
 */
export class FileArtifactService implements ArtifactService {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #clock: Clock;

  constructor(options: FileArtifactServiceOptions) {
    this.#root = resolve(options.rootDirectory);
    this.#maxBytes = options.maxBytes ?? MAX_ARTIFACT_BYTES;
    this.#clock = options.clock ?? systemClock;
  }

  async saveArtifact(
    key: ArtifactKey,
    part: Part,
    options: { readonly customMetadata?: Readonly<Record<string, unknown>> } = {},
  ): Promise<number> {
    const { bytes, metadata, ...kind } = artifactBody(key, part, options.customMetadata, this.#maxBytes);
    const description: Description = {
      filename: key.filename,
      ...kind,
      sizeBytes: bytes.byteLength,
      createTime: this.#clock.nowMs(),
      customMetadata: JSON.parse(metadata) as Record<string, unknown>,
    };
    const aside = this.#aside();
    try {
      await writeVersion(aside, description, bytes);
      return await this.#publish(aside, join(this.#root, artifactFolder(key)));
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  async loadArtifact(key: ArtifactKey, version?: number): Promise<Part | undefined> {
    const folder = this.#folder(key);
    const wanted = version ?? (folder && (await versionsIn(folder)).at(-1));
    if (!folder || wanted === undefined || !VERSION.test(String(wanted))) return undefined;
    const description = await readDescription(join(folder, String(wanted)));
    const bytes = description && (await orMissing(readFile(join(folder, String(wanted), DATA_FILE))));
    return bytes && artifactPart({ ...description, bytes: new Uint8Array(bytes) });
  }

  async listArtifactKeys(key: SessionKey): Promise<readonly string[]> {
    const names: string[] = [];
    for (const parent of [sessionFolder(key), userFolder(key)].map((path) => join(this.#root, path))) {
      for (const folder of (await orMissing(readdir(parent))) ?? []) {
        const newest = (await versionsIn(join(parent, folder))).at(-1);
        const description =
          newest === undefined ? undefined : await readDescription(join(parent, folder, String(newest)));
        if (description) names.push(description.filename);
      }
    }
    return names.sort();
  }

  async listVersions(key: ArtifactKey): Promise<readonly ArtifactVersion[]> {
    const folder = this.#folder(key);
    const found: ArtifactVersion[] = [];
    for (const version of folder ? await versionsIn(folder) : []) {
      const description = await readDescription(join(folder ?? '', String(version)));
      if (!description) continue;
      const { mimeType, sizeBytes, createTime, customMetadata } = description;
      found.push({ version, mimeType, sizeBytes, createTime, customMetadata });
    }
    return found;
  }

  async deleteArtifact(key: ArtifactKey): Promise<void> {
    const folder = this.#folder(key);
    if (folder) await this.#remove(folder);
  }

  async deleteSessionArtifacts(key: SessionKey): Promise<void> {
    await this.#remove(join(this.#root, sessionFolder(key)));
  }

  /** Undefined for a name under which nothing can be. */
  #folder(key: ArtifactKey): string | undefined {
    return isArtifactName(key.filename) ? join(this.#root, artifactFolder(key)) : undefined;
  }

  #aside(): string {
    return join(this.#root, '.unfinished', newId('file'));
  }

  /** Moves a version that was written aside to the first free number in `folder`. */
  async #publish(aside: string, folder: string): Promise<number> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await mkdir(folder, { recursive: true });
      const version = ((await versionsIn(folder)).at(-1) ?? -1) + 1;
      try {
        await rename(aside, join(folder, String(version)));
        return version;
      } catch (error) {
        // taken: another save was faster; missing: the file was deleted meanwhile
        if (!isTaken(error) && !isMissing(error)) throw error;
      }
    }
    throw new ParleyError('capacity_exhausted', 'Too many changes of one file at a time.', {
      kind: 'unavailable',
      retryable: true,
    });
  }

  /** Out of sight at once, then deleted. */
  async #remove(folder: string): Promise<void> {
    const aside = this.#aside();
    await mkdir(join(this.#root, '.unfinished'), { recursive: true });
    if ((await orMissing(rename(folder, aside).then(() => true))) === undefined) return;
    await rm(aside, { recursive: true, force: true });
  }
}

/** Oldest first; none when the folder is missing. */
async function versionsIn(folder: string): Promise<readonly number[]> {
  const entries = (await orMissing(readdir(folder))) ?? [];
  return entries
    .filter((entry) => VERSION.test(entry))
    .map(Number)
    .sort((a, b) => a - b);
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
