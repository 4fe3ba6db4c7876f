import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { describeArtifactService } from '@parley-testing/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileArtifactService } from './file-artifact-service.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-artifacts-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describeArtifactService(
  'FileArtifactService',
  (clock) => new FileArtifactService({ rootDirectory: join(directory, 'contract'), clock }),
);

describe('FileArtifactService', () => {
  const key = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', filename: 'a/b.txt' };
  const inside = async (root: string): Promise<string[]> =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();

  it('writes nothing outside of its root and of the folder of tenant, app and user', async () => {
    const root = join(directory, 'outer', 'root');
    const service = new FileArtifactService({ rootDirectory: root });
    for (const id of ['..', '../..', '/', `..${sep}x`, '.']) {
      for (const field of ['tenantId', 'appName', 'userId', 'sessionId']) {
        await service.saveArtifact({ ...key, [field]: id }, { text: 'x' });
      }
    }
    expect(await readdir(join(directory, 'outer'))).toEqual(['root']);
    for (const path of await inside(root)) expect(path.split('/')).toHaveLength(8);
  });

  it('lies where an operator finds it', async () => {
    const root = join(directory, 'layout');
    const service = new FileArtifactService({ rootDirectory: root });
    await service.saveArtifact(key, { text: 'x' });
    await service.saveArtifact({ ...key, filename: 'user:me.txt' }, { text: 'x' });
    expect(await inside(root)).toEqual([
      't/a/u/session/s/a%002fb.txt/0/data',
      't/a/u/session/s/a%002fb.txt/0/description.json',
      't/a/u/user/user%003ame.txt/0/data',
      't/a/u/user/user%003ame.txt/0/description.json',
    ]);
  });

  it('is the same for every process that shares the directory', async () => {
    const root = join(directory, 'shared');
    const services = [1, 2, 3].map(() => new FileArtifactService({ rootDirectory: root }));
    const saves = services.flatMap((service) =>
      Array.from({ length: 8 }, () => service.saveArtifact(key, { text: 'x' })),
    );
    const versions = (await Promise.all(saves)).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 24 }, (_, n) => n));
  });

  it('shows nothing of a save that a killed process did not finish', async () => {
    const root = join(directory, 'killed');
    const service = new FileArtifactService({ rootDirectory: root });
    await service.saveArtifact(key, { text: 'whole' });
    await mkdir(join(root, '.unfinished', 'file_1'), { recursive: true });
    await writeFile(join(root, '.unfinished', 'file_1', 'data'), 'half');
    expect(await service.listArtifactKeys(key)).toEqual([key.filename]);
    expect(await service.listVersions(key)).toHaveLength(1);
    expect(await service.loadArtifact(key)).toEqual({ text: 'whole' });
  });

  it('leaves nothing behind, neither of refused files nor of deleted ones', async () => {
    const root = join(directory, 'clean');
    const service = new FileArtifactService({ rootDirectory: root, maxBytes: 3 });
    await expect(service.saveArtifact(key, { text: 'four' })).rejects.toMatchObject({
      code: 'frame_too_large',
    });
    await service.saveArtifact(key, { text: 'one' });
    await service.deleteArtifact(key);
    expect(await inside(root)).toEqual([]);
  });

  it('does not lose a save to a deletion at the same time', async () => {
    const service = new FileArtifactService({ rootDirectory: join(directory, 'race') });
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        service.saveArtifact(key, { text: 'x' }),
        service.deleteSessionArtifacts(key),
        service.saveArtifact(key, { text: 'x' }),
        service.deleteArtifact(key),
      ]);
      await service.saveArtifact(key, { text: `${round}` });
      expect(await service.loadArtifact(key)).toEqual({ text: `${round}` });
    }
  });
});
