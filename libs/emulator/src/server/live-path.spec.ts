import { describe, expect, it } from 'vitest';
import { credentialOf, readLivePath } from './live-path.js';

const GEMINI = 'ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const VERTEX = 'ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent';

describe('the path', () => {
  it.each([
    [`/${GEMINI}?key=k`, { api: 'gemini', version: 'v1beta', scenario: 'default' }],
    [`//${GEMINI}?key=k`, { api: 'gemini', version: 'v1beta', scenario: 'default' }],
    [`///s//tools//${GEMINI}`, { api: 'gemini', version: 'v1beta', scenario: 'tools' }],
    [`/${GEMINI.replace('v1beta', 'v1alpha')}`, { api: 'gemini', version: 'v1alpha', scenario: 'default' }],
    [`/${GEMINI.replace('v1beta', 'v1')}Constrained`, { api: 'gemini', version: 'v1', scenario: 'default' }],
    [`//${VERTEX}`, { api: 'vertex', version: 'v1beta1', scenario: 'default' }],
    ['/', { api: 'vertex', version: 'v1beta1', scenario: 'default' }],
    ['/s/load', { api: 'vertex', version: 'v1beta1', scenario: 'load' }],
  ])('%s is understood', (target, expected) => {
    expect(readLivePath(target)).toEqual({ ...expected, constrained: target.includes('Constrained') });
  });

  it.each(['/ws', `/${GEMINI}More`, `/x/${GEMINI}`, `/${GEMINI.replace('v1beta', 'v9')}`])(
    '%s is not',
    (target) => {
      expect(readLivePath(target)).toBeUndefined();
    },
  );
});

describe('the credential', () => {
  it('is taken from the query or the headers', () => {
    expect(credentialOf('/x?key=a', {})).toBe('a');
    expect(credentialOf('/x?access_token=auth_tokens%2Fb', {})).toBe('auth_tokens/b');
    expect(credentialOf('/x', { 'x-goog-api-key': 'c' })).toBe('c');
    expect(credentialOf('/x', { authorization: 'Bearer d' })).toBe('Bearer d');
    expect(credentialOf('/x', { authorization: 'Token auth_tokens/e' })).toBe('auth_tokens/e');
    expect(credentialOf('/x', {})).toBe('');
  });
});
