import { expect, it } from 'vitest';
import { describeArtifactService } from '../testing/artifact-service-contract.js';
import { InMemoryArtifactService } from './in-memory-artifact-service.js';

describeArtifactService('InMemoryArtifactService', (clock) => new InMemoryArtifactService({ clock }));

it('holds no more than its bound, keeps what is there, and has room again after a deletion', async () => {
  const service = new InMemoryArtifactService({ maxTotalBytes: 10 });
  const file = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', filename: 'f' };
  const sixBytes = { text: 'sixsix' };
  await service.saveArtifact(file, sixBytes);
  await expect(service.saveArtifact(file, sixBytes)).rejects.toMatchObject({ code: 'capacity_exhausted' });
  expect(await service.loadArtifact(file)).toEqual(sixBytes);
  await service.deleteArtifact(file);
  expect(await service.saveArtifact(file, sixBytes)).toBe(0);
  await service.deleteSessionArtifacts(file);
  expect(await service.saveArtifact(file, sixBytes)).toBe(0);
});
