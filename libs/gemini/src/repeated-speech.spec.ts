import { describe, expect, it } from 'vitest';
import { RepeatedSpeech } from './repeated-speech.js';

describe('RepeatedSpeech', () => {
  function pass(words: string, finished: boolean, ...pieces: readonly (string | [string])[]): unknown[] {
    const speech = new RepeatedSpeech();
    speech.expect({ words, finished });
    return pieces.map((piece) => {
      const heard =
        typeof piece === 'string' ? { text: piece, finished: false } : { text: piece[0], finished: true };
      const fresh = speech.newIn(heard);
      if (!fresh) return '-';
      return fresh.finished ? [fresh.text] : fresh.text;
    });
  }

  it('passes everything on when nothing is expected', () => {
    expect(pass('', false, 'a', ['b'])).toEqual(['a', ['b']]);
  });

  it('leaves out what was read before, and passes on what goes beyond', () => {
    expect(pass('what is the', false, 'What', ' is', ' the', ' weather', [''])).toEqual([
      '-',
      '-',
      '-',
      ' weather',
      [''],
    ]);
    expect(pass('what is', false, 'what is the', ' weather')).toEqual([' the', ' weather']);
  });

  it('tells the end once', () => {
    expect(pass('hello there', true, 'Hello', ' there', [''])).toEqual(['-', '-', '-']);
    expect(pass('hello there', false, 'hello', ' there', [''])).toEqual(['-', '-', ['']]);
    expect(pass('hello there', true, ['Hello there.'], 'next')).toEqual(['-', 'next']);
  });

  it('passes a different text on whole', () => {
    expect(pass('what is the', false, 'what', ' was', ' that')).toEqual(['-', 'what was', ' that']);
    expect(pass('one two three', true, ['one two'])).toEqual([['one two']]);
  });
});
