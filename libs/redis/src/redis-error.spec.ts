import { describe, expect, it } from 'vitest';
import { isNoScript, toControlPlaneError } from './redis-error.js';

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

describe('toControlPlaneError', () => {
  it.each([
    new Error('Command timed out'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    new Error('Connection is closed.'),
    reply('LOADING Redis is loading the dataset in memory'),
    reply("READONLY You can't write against a read only replica."),
    reply('NOREPLICAS Not enough good replicas to write.'),
    reply('OOM command not allowed when used memory > maxmemory.'),
  ])('takes "$message" for an absence, to be tried again', (error) => {
    expect(toControlPlaneError(error)).toMatchObject({
      code: 'control_plane_unavailable',
      retryable: true,
      retryAfterMs: 2_000,
      cause: error,
    });
  });

  it.each([reply('ERR value is not an integer'), reply('WRONGTYPE Operation against a key')])(
    'takes "$message" for a fault of our own',
    (error) => {
      expect(toControlPlaneError(error)).toMatchObject({ code: 'internal', retryable: false });
    },
  );
});

describe('isNoScript', () => {
  it('knows the answer to a script that Redis has not seen', () => {
    expect(isNoScript(reply('NOSCRIPT No matching script. Please use EVAL.'))).toBe(true);
    expect(isNoScript(reply('ERR NOSCRIPT'))).toBe(false);
    expect(isNoScript(new Error('NOSCRIPT'))).toBe(false);
  });
});
