import { describe, expect, it } from 'vitest';
import { speakableText } from './speakable-text.js';

describe('speakableText', () => {
  it.each([
    ['“Don’t” — she said…', "Don't, she said..."],
    ['It is **really** `fine`.', 'It is really fine.'],
    ['Café, naïve, Zürich', 'Cafe, naive, Zurich'],
    ['It costs €4.50 & it is 21°C.', 'It costs 4.50 euros and it is 21 degrees Celsius.'],
    ['Good morning ☀️ 你好', 'Good morning'],
  ])('makes %j into %j', (written, spoken) => {
    expect(speakableText(written)).toBe(spoken);
  });

  it.each(['', '  \n', '...', '你好', '🎉', '***'])('finds nothing to say in %j', (written) => {
    expect(speakableText(written)).toBe('');
  });
});
