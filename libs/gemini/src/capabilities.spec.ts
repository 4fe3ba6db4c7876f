import { describe, expect, it } from 'vitest';
import { capabilitiesOf, DEFAULT_LIVE_MODEL } from './capabilities.js';

describe('capabilitiesOf', () => {
  it.each([
    [DEFAULT_LIVE_MODEL, 'gemini-3.8-live'],
    ['models/gemini-3.8-live-preview-09-2026', 'gemini-3.8-live'],
    ['gemini-3.8-live-extended-thinking', 'gemini-3.8-live-extended-thinking'],
    ['gemini-3.1-flash-live-preview', 'gemini-3-flash-live'],
    ['gemini-3.5-live-translate-preview', 'gemini-live-translate'],
    ['gemini-3.5-live-transcribe', 'gemini-live-transcribe'],
    ['gemini-2.5-flash-native-audio-preview-12-2025', 'gemini-2.5-native-audio'],
    [
      'projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio',
      'gemini-2.5-native-audio',
    ],
    ['gemini-live-2.5-flash', 'half-cascade'],
    ['gemini-2.0-flash-live-001', 'half-cascade'],
    ['somebody-elses-live-model', 'unknown'],
  ])('takes %s for a model of the family %s', (model, family) => {
    expect(capabilitiesOf(model).family).toBe(family);
  });

  it('refuses nothing for a model that it does not know', () => {
    expect(capabilitiesOf('new-model')).toMatchObject({
      textModality: true,
      clientContentMidSession: true,
      proactivity: 'settable',
      affectiveDialog: true,
      thinking: { kind: 'any' },
    });
  });
});
