import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { sdkOptionsOf, type GeminiProvider } from './provider-selection.js';

describe('sdkOptionsOf', () => {
  it('spells out backend, version, key and address, so that the environment has no say', () => {
    expect(sdkOptionsOf({ kind: 'gemini', apiKey: 'k-1' })).toEqual({
      vertexai: false,
      apiVersion: 'v1beta',
      apiKey: 'k-1',
      httpOptions: { baseUrl: 'https://generativelanguage.googleapis.com' },
    });
  });

  it.each([
    ['global', 'https://aiplatform.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ])('goes to the Vertex address of %s', (location, baseUrl) => {
    expect(sdkOptionsOf({ kind: 'vertex', project: 'p-1', location })).toEqual({
      vertexai: true,
      apiVersion: 'v1beta1',
      project: 'p-1',
      location,
      httpOptions: { baseUrl },
    });
  });

  it('turns a ws address into the http one that the SDK understands, keeping a path', () => {
    const options = sdkOptionsOf({ kind: 'emulated', baseUrl: 'ws://127.0.0.1:9/s/demo/' });
    expect(options.httpOptions?.baseUrl).toBe('http://127.0.0.1:9/s/demo');
  });

  it.each<[string, GeminiProvider]>([
    ['apiKey', { kind: 'gemini', apiKey: '' }],
    ['apiKey', { kind: 'gemini', apiKey: 'a&b' }],
    ['project', { kind: 'vertex', project: '', location: 'global' }],
    ['location', { kind: 'vertex', project: 'p', location: 'a/b' }],
    ['baseUrl', { kind: 'emulated', baseUrl: 'not a url' }],
    ['baseUrl', { kind: 'emulated', baseUrl: 'ftp://host' }],
    ['baseUrl', { kind: 'emulated', baseUrl: 'http://host/?a=1' }],
  ])('refuses a bad %s and says so without showing it', (field, provider) => {
    try {
      sdkOptionsOf(provider);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ParleyError);
      expect(error).toMatchObject({ code: 'provider_config', details: { field } });
      expect(String(error)).not.toContain('a&b');
    }
  });
});
