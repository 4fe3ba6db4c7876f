import { describe, expect, it } from 'vitest';
import { artifactUri, parseArtifactUri } from './artifact-uri.js';

const key = {
  tenantId: 't',
  appName: 'my app',
  userId: 'ada/#1',
  sessionId: 's?%',
  filename: 'maps/a b#c.png',
};

describe('the URI of an artifact', () => {
  it('is read back as what it was made of, whatever characters are in it (C9)', () => {
    const { tenantId: _, ...named } = key;
    expect(parseArtifactUri(artifactUri(key, 7))).toEqual({ ...named, version: 7 });
    expect(parseArtifactUri(artifactUri({ ...key, filename: 'user:me.txt' }, 0))?.filename).toBe(
      'user:me.txt',
    );
  });

  it.each([
    'artifact://app/user/session/name',
    'artifact://app/user/name#0',
    'artifact://app/user/session/..%2F..%2Fetc#0',
    'artifact://app/user/session/../x#0',
    'artifact://app/user/session/%E0%A4%A#0',
    'https://app/user/session/name#0',
    '',
  ])('is not %s', (uri) => {
    expect(parseArtifactUri(uri)).toBeUndefined();
  });
});
