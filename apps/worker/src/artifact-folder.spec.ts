import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openArtifactFolder } from './artifact-folder.js';

const FILE = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', filename: 'note.txt' };

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'parley-test-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

it('makes the folder, and finds in it later what was saved', async () => {
  const folder = join(parent, 'data', 'artifacts');
  const before = await openArtifactFolder(folder, systemClock);
  await before.saveArtifact(FILE, { text: 'buy milk' });
  const after = await openArtifactFolder(folder, systemClock);
  expect(await after.loadArtifact(FILE)).toEqual({ text: 'buy milk' });
});

it('refuses at once a folder that can not be, and names the setting', async () => {
  const file = join(parent, 'file');
  await writeFile(file, '');
  for (const folder of [file, join(file, 'artifacts')]) {
    await expect(openArtifactFolder(folder, systemClock)).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('PARLEY_ARTIFACTS_DIR') as string,
    });
  }
});
