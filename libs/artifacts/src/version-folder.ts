import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './file-error.js';

export const DATA_FILE = 'data';
const DESCRIPTION_FILE = 'description.json';

/** What stands beside the data of one version. */
export interface Description {
  readonly filename: string;
  readonly mimeType: string;
  readonly isText: boolean;
  readonly sizeBytes: number;
  /** Integer milliseconds since the epoch. */
  readonly createTime: number;
  readonly customMetadata: Readonly<Record<string, unknown>>;
}

/** Resolves when both files are on the disk. */
export async function writeVersion(
  folder: string,
  description: Description,
  data: Uint8Array,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFlushed(join(folder, DATA_FILE), data);
  await writeFlushed(join(folder, DESCRIPTION_FILE), new TextEncoder().encode(JSON.stringify(description)));
}

/** Undefined when there is none. */
export async function readDescription(folder: string): Promise<Description | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, DESCRIPTION_FILE), 'utf8')) as Description;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function writeFlushed(path: string, data: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}
