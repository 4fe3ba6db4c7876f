import type { Part } from '@parley/event';
import { newId, ParleyError, type Clock, type ErrorCode } from '@parley/kernel';
import { ManualClock } from '@parley-testing/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { artifactUri, parseArtifactUri } from '../artifact/artifact-uri.js';
import type { ArtifactKey, ArtifactService } from '../artifact/artifact-service.js';

const png = (...bytes: number[]): Part => ({
  inlineData: { mimeType: 'image/png', data: new Uint8Array(bytes) },
});

/** What every adapter of `ArtifactService` must do. `start` is called once a test; it may answer with the same one. */
export function describeArtifactService(
  name: string,
  start: (clock: Clock) => ArtifactService | Promise<ArtifactService>,
): void {
  describe(name, () => {
    let service: ArtifactService;
    let clock: ManualClock;
    let key: ArtifactKey;

    beforeEach(async () => {
      clock = new ManualClock();
      service = await start(clock);
      key = {
        tenantId: newId('ten'),
        appName: 'assistant',
        userId: 'ada',
        sessionId: 's1',
        filename: 'maps/zürich 1.png',
      };
    });

    const file = (change: Partial<ArtifactKey>): ArtifactKey => ({ ...key, ...change });

    it('counts versions from 0, gives back each as it was, and the newest when none is named', async () => {
      expect(await service.saveArtifact(key, png(1, 2))).toBe(0);
      expect(await service.saveArtifact(key, png(3))).toBe(1);
      expect(await service.loadArtifact(key)).toEqual(png(3));
      expect(await service.loadArtifact(key, 0)).toEqual(png(1, 2));
      expect(await service.loadArtifact(key, 2)).toBeUndefined();
      expect(await service.loadArtifact(key, -1)).toBeUndefined();
      expect(await service.loadArtifact(file({ filename: 'other' }))).toBeUndefined();
    });

    it('gives text back as text, and empty files as empty files', async () => {
      for (const part of [{ text: 'a “quoted”\nline \u0000 𝄞' }, { text: '' }, png()]) {
        await service.saveArtifact(key, part);
        expect(await service.loadArtifact(key)).toEqual(part);
      }
    });

    it('tells of each version what it is', async () => {
      const savedAtMs = clock.nowMs();
      await service.saveArtifact(key, png(1, 2), { customMetadata: { type: 'map', tags: ['a'] } });
      await clock.advance(5_000);
      await service.saveArtifact(key, { text: 'hi' });
      expect(await service.listVersions(key)).toEqual([
        {
          version: 0,
          mimeType: 'image/png',
          sizeBytes: 2,
          createTime: savedAtMs,
          customMetadata: { type: 'map', tags: ['a'] },
        },
        {
          version: 1,
          mimeType: 'text/plain',
          sizeBytes: 2,
          createTime: savedAtMs + 5_000,
          customMetadata: {},
        },
      ]);
      expect(await service.listVersions(file({ filename: 'other' }))).toEqual([]);
    });

    it('lists names in order, those of the session and those of the user', async () => {
      const names = ['b', 'a/b', 'a', 'user:me', 'a/b/c', 'A', '.hidden', 'ä', 'x'.repeat(500)];
      for (const filename of names) await service.saveArtifact(file({ filename }), png(1));
      await service.saveArtifact(file({ filename: 'a' }), png(2));
      expect(await service.listArtifactKeys(key)).toEqual(names.toSorted());
    });

    it('shares what is under user: between the sessions of the user in the app only', async () => {
      const ofUser = file({ filename: 'user:me.txt' });
      await service.saveArtifact(ofUser, { text: 'me' });
      await service.saveArtifact(key, png(1));
      const otherSession = { ...ofUser, sessionId: 's2' };
      expect(await service.loadArtifact(otherSession)).toEqual({ text: 'me' });
      expect(await service.listArtifactKeys(otherSession)).toEqual(['user:me.txt']);
      expect(await service.saveArtifact(otherSession, { text: 'me again' })).toBe(1);
      for (const other of [{ userId: 'bob' }, { appName: 'translator' }, { tenantId: newId('ten') }]) {
        expect(await service.loadArtifact({ ...ofUser, ...other })).toBeUndefined();
        expect(await service.listArtifactKeys({ ...ofUser, ...other })).toEqual([]);
      }
    });

    it('gives every one of many simultaneous saves a version of its own', async () => {
      const saves = Array.from({ length: 12 }, (_, n) => service.saveArtifact(key, png(n)));
      const versions = await Promise.all(saves);
      expect(versions.toSorted((a, b) => a - b)).toEqual(versions.map((_, n) => n));
      for (const [n, version] of versions.entries()) {
        expect(await service.loadArtifact(key, version)).toEqual(png(n));
      }
    });

    it('keeps what was saved, whatever is done to the parts afterwards', async () => {
      const data = new Uint8Array([1, 2]);
      await service.saveArtifact(key, { inlineData: { mimeType: 'image/png', data } });
      data.fill(9);
      const loaded = await service.loadArtifact(key);
      loaded?.inlineData?.data.fill(7);
      expect(await service.loadArtifact(key)).toEqual(png(1, 2));
    });

    it('deletes all versions of a file and nothing else', async () => {
      const kept = file({ filename: 'kept' });
      for (const target of [key, key, kept]) await service.saveArtifact(target, png(1));
      await service.deleteArtifact(key);
      await service.deleteArtifact(key);
      expect(await service.loadArtifact(key)).toBeUndefined();
      expect(await service.listArtifactKeys(key)).toEqual(['kept']);
      expect(await service.saveArtifact(key, png(2))).toBe(0);
    });

    it('deletes the files of a session, and leaves those of the user and of other sessions', async () => {
      const ofUser = file({ filename: 'user:me' });
      const ofOther = file({ sessionId: 's2' });
      for (const target of [key, ofUser, ofOther]) await service.saveArtifact(target, png(1));
      await service.deleteSessionArtifacts(key);
      expect(await service.listArtifactKeys(key)).toEqual(['user:me']);
      expect(await service.loadArtifact(key)).toBeUndefined();
      expect(await service.loadArtifact(ofOther)).toEqual(png(1));
      await service.deleteSessionArtifacts(key);
    });

    it.each(['', '/', 'user:', '..', 'a/../b', '../../etc/passwd', '/etc/passwd', 'a//b', './a', 'a/'])(
      'keeps nothing under the name %j',
      async (filename) => {
        await expectCode(service.saveArtifact(file({ filename }), png(1)), 'invalid_message');
        expect(await service.loadArtifact(file({ filename }))).toBeUndefined();
        expect(await service.listVersions(file({ filename }))).toEqual([]);
        await service.deleteArtifact(file({ filename }));
      },
    );

    it.each(['a\\b', 'C:\\x', 'nul\u0000', 'line\nbreak', '\ud800', 'x'.repeat(513)])(
      'refuses the name %j',
      async (filename) => {
        await expectCode(service.saveArtifact(file({ filename }), png(1)), 'invalid_message');
      },
    );

    it('refuses parts that are no file', async () => {
      await expectCode(service.saveArtifact(key, {}), 'invalid_message');
      const big = { customMetadata: { text: 'x'.repeat(70_000) } };
      await expectCode(service.saveArtifact(key, png(1), big), 'invalid_message');
    });

    it('keeps keys apart that look like paths or like each other (I7)', async () => {
      const odd = [
        '..',
        '../..',
        '.',
        '/',
        'a/b',
        'a',
        'A',
        '%2e%2e',
        'a\u0000',
        '',
        '\ud800',
        '\ud801',
        'user',
      ];
      const keys = odd.flatMap((id) => [
        file({ userId: id }),
        file({ sessionId: id }),
        file({ appName: id }),
      ]);
      for (const [n, each] of keys.entries()) expect(await service.saveArtifact(each, png(n))).toBe(0);
      for (const [n, each] of keys.entries()) expect(await service.loadArtifact(each)).toEqual(png(n));
    });

    it("answers another tenant's keys as if there were nothing (I7)", async () => {
      await service.saveArtifact(key, png(1));
      const stranger = file({ tenantId: newId('ten') });
      expect(await service.loadArtifact(stranger)).toBeUndefined();
      expect(await service.listArtifactKeys(stranger)).toEqual([]);
      expect(await service.listVersions(stranger)).toEqual([]);
      await service.deleteArtifact(stranger);
      await service.deleteSessionArtifacts(stranger);
      expect(await service.saveArtifact(stranger, png(2))).toBe(0);
      expect(await service.loadArtifact(key)).toEqual(png(1));
    });

    it('is found again by the URI of what was saved (C9)', async () => {
      await service.saveArtifact(key, png(1));
      const version = await service.saveArtifact(key, png(2));
      const named = parseArtifactUri(artifactUri(key, version));
      if (!named) throw new Error('the URI is not understood');
      expect(await service.loadArtifact({ tenantId: key.tenantId, ...named }, named.version)).toEqual(png(2));
    });
  });
}

async function expectCode(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ParleyError);
  expect((error as ParleyError).code).toBe(code);
}
