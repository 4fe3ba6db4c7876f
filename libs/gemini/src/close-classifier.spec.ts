import type { ErrorCode } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { classifyLoss, type ConnectionLoss, type LossVerdict } from './close-classifier.js';

type Row = readonly [code: number, reason: string, kind: LossVerdict['kind'], errorCode: ErrorCode];

const IN_SESSION: readonly Row[] = [
  [1000, '', 'retryable', 'provider_unavailable'],
  [1001, 'server restart', 'retryable', 'provider_unavailable'],
  [1005, '', 'retryable', 'provider_unavailable'],
  [1006, '', 'retryable', 'provider_unavailable'],
  [1006, 'timeout', 'retryable', 'provider_unavailable'],
  [1006, 'read ECONNRESET', 'retryable', 'provider_unavailable'],
  [1012, '', 'retryable', 'provider_unavailable'],
  [1013, 'try again later', 'retryable', 'provider_unavailable'],
  [1007, 'API key not valid. Please pass a valid API key.', 'fatal', 'provider_config'],
  [1007, 'API key expired. Please renew the API key.', 'fatal', 'provider_config'],
  [1007, 'Request contains an invalid argument.', 'fatal', 'provider_config'],
  [1007, 'Missing or malformed auth token', 'fatal', 'provider_config'],
  [1007, 'audio content type is not supported', 'fatal', 'provider_config'],
  [1007, '', 'fatal', 'provider_config'],
  [1003, '', 'fatal', 'provider_config'],
  [1008, 'media_chunks is deprecated. Use audio, video, or text instead.', 'fatal', 'provider_config'],
  [
    1008,
    'models/nope is not found for API version v1beta, or is not supported for bidiGenerateContent',
    'fatal',
    'provider_config',
  ],
  [1008, 'Request had invalid authentication credentials.', 'fatal', 'provider_config'],
  [1008, 'Operation is not implemented, or supported, or enabled.', 'retryable', 'provider_unavailable'],
  [1008, 'Requested entity was not found.', 'retryable', 'provider_unavailable'],
  [1008, '', 'retryable', 'provider_unavailable'],
  [1011, 'The service is currently unavailable.', 'retryable', 'provider_unavailable'],
  [1011, 'Internal error encountered.', 'retryable', 'provider_unavailable'],
  [1011, 'Deadline expired before operation could complete.', 'retryable', 'provider_unavailable'],
  [1011, 'keepalive ping timeout', 'retryable', 'provider_unavailable'],
  [1011, '', 'retryable', 'provider_unavailable'],
  [1011, 'You exceeded your current quota, please check your plan', 'fatal', 'provider_quota'],
  [1011, 'Your prepayment credits are depleted.', 'fatal', 'provider_quota'],
  [1011, 'RESOURCE_EXHAUSTED: too many concurrent sessions', 'retryable', 'provider_quota'],
  [4000, 'The operation was aborted.', 'retryable', 'provider_unavailable'],
];

const WHILE_CONNECTING: readonly Row[] = [
  [1008, '', 'fatal', 'provider_config'],
  [1008, 'Operation is not implemented, or supported, or enabled.', 'fatal', 'provider_config'],
  [1008, 'Requested entity was not found.', 'fatal', 'provider_config'],
  [1006, 'connect ECONNREFUSED 127.0.0.1:1', 'retryable', 'provider_unavailable'],
  [1011, 'Internal error encountered.', 'retryable', 'provider_unavailable'],
];

const REFUSED_UPGRADES: readonly (readonly [
  status: number,
  reason: string,
  kind: LossVerdict['kind'],
  errorCode: ErrorCode,
])[] = [
  [301, 'HTTP 301', 'fatal', 'provider_config'],
  [400, 'INVALID_ARGUMENT: API key not valid.', 'fatal', 'provider_config'],
  [401, 'HTTP 401', 'fatal', 'provider_config'],
  [403, 'PERMISSION_DENIED: no access to this project', 'fatal', 'provider_config'],
  [403, 'Generative Language API has not been used in project 1 before', 'fatal', 'provider_config'],
  [404, 'HTTP 404', 'fatal', 'provider_config'],
  [408, 'HTTP 408', 'retryable', 'provider_unavailable'],
  [429, 'HTTP 429', 'retryable', 'provider_quota'],
  [429, 'RESOURCE_EXHAUSTED: You exceeded your current quota', 'retryable', 'provider_quota'],
  [429, 'RESOURCE_EXHAUSTED: Your prepayment credits are depleted', 'fatal', 'provider_quota'],
  [500, 'HTTP 500', 'retryable', 'provider_unavailable'],
  [503, 'UNAVAILABLE: The model is overloaded.', 'retryable', 'provider_unavailable'],
];

describe('classifyLoss', () => {
  it.each(IN_SESSION)('in a session, %i %j is %s %s', (closeCode, reason, kind, errorCode) => {
    expect(classifyLoss({ phase: 'session', closeCode, reason })).toMatchObject({
      kind,
      errorCode,
      closeCode,
      reason,
    });
  });

  it.each(WHILE_CONNECTING)('while connecting, %i %j is %s %s', (closeCode, reason, kind, errorCode) => {
    expect(classifyLoss({ phase: 'connect', closeCode, reason })).toMatchObject({ kind, errorCode });
  });

  it.each(REFUSED_UPGRADES)(
    'an upgrade refused with %i %j is %s %s',
    (httpStatus, reason, kind, errorCode) => {
      const loss: ConnectionLoss = { phase: 'connect', closeCode: 1006, reason, httpStatus };
      expect(classifyLoss(loss)).toMatchObject({ kind, errorCode, httpStatus });
    },
  );

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'fatal'],
    ['CERT_HAS_EXPIRED', 'fatal'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'fatal'],
    ['ENOTFOUND', 'retryable'],
    ['ECONNRESET', 'retryable'],
  ] as const)('the system error %s is %s', (systemCode, kind) => {
    const loss: ConnectionLoss = { phase: 'connect', closeCode: 1006, reason: '', systemCode };
    expect(classifyLoss(loss).kind).toBe(kind);
  });

  it.each([
    ['API key not valid. Please pass a valid API key.', 'credentials'],
    ['models/x is not found for API version v1beta', 'model'],
    ['You exceeded your current quota', 'quota'],
    ['Request contains an invalid argument.', 'config'],
    ['Internal error encountered.', 'service'],
  ])('takes %j to be about the %s', (reason, about) => {
    expect(classifyLoss({ phase: 'connect', closeCode: 1011, reason }).about).toBe(about);
  });

  it('hands on no key and no more than 123 bytes', () => {
    const reason = `bad request to /ws?key=AIzaSy0123456789 ${'x'.repeat(200)}`;
    const verdict = classifyLoss({ phase: 'session', closeCode: 1007, reason });
    expect(verdict.reason).toContain('key=***');
    expect(Buffer.byteLength(verdict.reason)).toBe(123);
  });
});
