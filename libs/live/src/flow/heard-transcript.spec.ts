import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeardTranscript } from './heard-transcript.js';

/** Ten words of ten characters, as 100 ms of audio each. */
const WORDS = ['alpha-one ', 'beta-two2 ', 'gamma-thr ', 'delta-fou ', 'epsil-fiv '].concat([
  'zeta-six6 ',
  'eta-seven ',
  'theta-eig ',
  'iota-nine ',
  'kappa-ten',
]);
const words = (count: number): string => WORDS.slice(0, count).join('').trim();

function inStep(): HeardTranscript {
  const heard = new HeardTranscript();
  for (const word of WORDS) {
    heard.text(word);
    heard.audio(100);
  }
  return heard;
}

describe('HeardTranscript', () => {
  it('cuts to the words that were played (C12)', () => {
    const heard = inStep();
    expect([0, 80, 100, 350, 500, 990, 1_000, 5_000].map((ms) => heard.cut(ms))).toEqual(
      [0, 0, 1, 3, 5, 9, 10, 10].map(words),
    );
  });

  it('does so when each fragment comes behind its audio', () => {
    const heard = new HeardTranscript();
    for (const word of WORDS) {
      heard.audio(100);
      heard.text(word);
    }
    expect([0, 80, 100, 350, 500, 1_000].map((ms) => heard.cut(ms))).toEqual([0, 0, 1, 3, 5, 10].map(words));
  });

  it('does so when the whole text comes before the audio, or behind it', () => {
    const before = new HeardTranscript();
    before.text(words(10));
    before.audio(1_000);
    before.complete();
    const behind = new HeardTranscript();
    behind.audio(1_000);
    behind.text(words(10));
    for (const heard of [before, behind]) {
      expect([0, 500, 1_000].map((ms) => heard.cut(ms))).toEqual([0, 5, 10].map(words));
    }
  });

  it('does so when the text comes in two bursts, ahead of their audio', () => {
    const heard = new HeardTranscript();
    for (const burst of [WORDS.slice(0, 5), WORDS.slice(5)]) {
      for (const word of burst) heard.text(word);
      for (let n = 0; n < 50; n++) heard.audio(10);
    }
    heard.complete();
    expect([250, 500, 750].map((ms) => heard.cut(ms))).toEqual([2, 5, 7].map(words));
  });

  it('does not take words for heard whose audio has not come', () => {
    const heard = new HeardTranscript();
    heard.text('A very long story that begins here and that nobody has had the time to tell.');
    heard.audio(1_000);
    expect(heard.cut(1_000)).toBe('A very long story that');
    const going = inStep();
    going.text(' and so on and so forth');
    expect(going.cut(1_000)).toBe(words(10));
  });

  it('follows a change of pace', () => {
    const heard = new HeardTranscript();
    heard.text('slow ');
    heard.audio(1_000);
    heard.text('and now a lot of words ');
    heard.audio(500);
    heard.text('end');
    heard.audio(100);
    expect(heard.cut(700)).toBe('');
    expect(heard.cut(1_000)).toBe('slow');
    expect(heard.cut(1_400)).toBe('slow and now a lot of');
  });

  it('cuts each finished transcript of a turn by itself', () => {
    const heard = new HeardTranscript();
    heard.text('Let me look.');
    heard.audio(1_000);
    expect(heard.endSegment()).toBe(0);
    heard.text(' It is sunny now.');
    heard.audio(1_000);
    expect(heard.endSegment()).toBe(1);
    heard.complete();
    expect([heard.cut(500, 0), heard.cut(500, 1)]).toEqual(['Let me', '']);
    expect([heard.cut(1_500, 0), heard.cut(1_500, 1)]).toEqual(['Let me look.', 'It is']);
    expect(heard.cut(2_000)).toBe('Let me look. It is sunny now.');
  });

  it('has nothing to cut where nothing was said, and nothing was heard where nothing sounded', () => {
    expect(new HeardTranscript().cut(1_000)).toBe('');
    const silent = new HeardTranscript();
    silent.text('never spoken');
    expect(silent.cut(1_000)).toBe('');
    const wordless = new HeardTranscript();
    wordless.audio(1_000);
    expect(wordless.cut(500)).toBe('');
  });

  it('tears no word, in scripts without spaces neither, and no character', () => {
    const heard = new HeardTranscript();
    heard.audio(1_000);
    heard.text('今日はとても良い天気ですね');
    expect([200, 500, 800].map((ms) => heard.cut(ms))).toEqual([
      '今日',
      '今日はとても',
      '今日はとても良い天気',
    ]);
    const emoji = new HeardTranscript();
    emoji.audio(100);
    emoji.text('a 👩‍👩‍👧‍👦 b');
    expect([30, 60, 99].map((ms) => emoji.cut(ms))).toEqual(['a', 'a', 'a 👩‍👩‍👧‍👦']);
  });

  it('gives a beginning of the text that ends with a word and only grows, however text and audio come', () => {
    const step = fc.oneof(
      fc.record({ ms: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ text: fc.constantFrom('one', ' two', ' three', ', four', ' ', ' fifteen. ') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, complete) => {
        const heard = new HeardTranscript();
        let text = '';
        let ms = 0;
        for (const each of steps) {
          if ('ms' in each) heard.audio(each.ms);
          else heard.text(each.text);
          ms += 'ms' in each ? each.ms : 0;
          text += 'text' in each ? each.text : '';
        }
        if (complete) heard.complete();
        let before = 0;
        for (let at = 0; at <= ms; at += Math.max(1, ms / 7)) {
          const cut = heard.cut(at);
          expect(text.trim().startsWith(cut)).toBe(true);
          expect(text.trim()[cut.length] ?? ' ').toMatch(cut === '' ? /./ : /\s/);
          expect(cut.length).toBeGreaterThanOrEqual(before);
          before = cut.length;
        }
        if (complete && ms > 0) expect(heard.cut(ms)).toBe(text.trim());
      }),
    );
  });

  it('is bounded, however many fragments come', () => {
    const heard = new HeardTranscript();
    for (let n = 0; n < 20_000; n++) {
      heard.text('word ');
      heard.audio(100);
    }
    expect(heard.cut(1_000_000).length).toBeGreaterThan(49_000);
    expect(heard.cut(1_000_000).length).toBeLessThan(51_000);
  });
});
