import { describe, expect, it } from 'vitest';
import { splitForSpeech } from './sentences.js';

describe('splitting for speech', () => {
  it('loses nothing: joined by spaces the pieces give the text', () => {
    const text =
      'Well, this is the beginning of a rather long first sentence, which goes on and on until it ends. Short one! ' +
      `${'A sentence without any comma that just keeps going '.repeat(6)}to its end.`;
    const pieces = splitForSpeech(text);
    expect(pieces.join(' ')).toBe(text);
    expect(pieces[0]?.length).toBeLessThanOrEqual(48);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(180);
  });

  it('keeps numbers and abbreviations without a following space together', () => {
    expect(splitForSpeech('It costs 3.50 dollars. Fine.')).toEqual(['It costs 3.50 dollars.', 'Fine.']);
  });
});
