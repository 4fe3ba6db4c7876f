import { describe, expect, it } from 'vitest';
import { GeminiLiveModel } from './gemini-live-model.js';
import type { GeminiProvider } from './provider-selection.js';

describe('GeminiLiveModel', () => {
  it.each<[GeminiProvider, boolean]>([
    [{ kind: 'gemini', apiKey: 'k' }, false],
    [{ kind: 'vertex', project: 'p', location: 'global' }, false],
    [{ kind: 'emulated', baseUrl: 'http://127.0.0.1:9' }, true],
  ])('says whose model answers (%j)', (provider, emulated) => {
    expect(new GeminiLiveModel({ provider }).info).toEqual({
      provider: provider.kind,
      model: 'gemini-3.8-live',
      emulated,
    });
  });

  it('takes the default model from its options', () => {
    const provider = { kind: 'emulated', baseUrl: 'http://127.0.0.1:9' } as const;
    expect(new GeminiLiveModel({ provider, model: 'gemini-3.1-flash-live' }).info.model).toBe(
      'gemini-3.1-flash-live',
    );
  });

  it('says what a model can be asked for, by default its own', () => {
    const provider = { kind: 'emulated', baseUrl: 'http://127.0.0.1:9' } as const;
    const model = new GeminiLiveModel({ provider });
    expect(model.capabilitiesOf()).toEqual({
      textModality: false,
      asyncTools: true,
      responseScheduling: true,
    });
    expect(model.capabilitiesOf('gemini-3.1-flash-live')).toMatchObject({ asyncTools: false });
    expect(model.capabilitiesOf('gemini-live-2.5-flash')).toMatchObject({ textModality: true });
    const vertex = new GeminiLiveModel({ provider: { kind: 'vertex', project: 'p', location: 'global' } });
    expect(vertex.capabilitiesOf()).toMatchObject({ asyncTools: false });
  });

  it('is refused at once with a provider that can not be', () => {
    expect(() => new GeminiLiveModel({ provider: { kind: 'gemini', apiKey: '' } })).toThrow(
      expect.objectContaining({ code: 'provider_config' }),
    );
  });
});
