import { describe, expect, it } from 'vitest';
import { CaptionAgreement } from './caption-agreement.js';

describe('captions from repeated transcriptions', () => {
  it('give a word out once two transcriptions agree on it, and the rest at the end', () => {
    const captions = new CaptionAgreement();
    expect(captions.offer('Hello my')).toBe('');
    expect(captions.offer('Hello, my game')).toBe('Hello, my');
    expect(captions.offer('Hello my name is')).toBe('');
    expect(captions.offer('Hello my name is Al')).toBe(' name is');
    expect(captions.finish('Hello my name is Alice.')).toBe(' Alice.');
  });

  it('never take a word back', () => {
    const captions = new CaptionAgreement();
    captions.offer('one two three');
    expect(captions.offer('one two three')).toBe('one two three');
    expect(captions.finish('one')).toBe('');
  });
});
