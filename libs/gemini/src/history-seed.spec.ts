import type { Content } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { seedOf } from './history-seed.js';

const user = (text: string): Content => ({ role: 'user', parts: [{ text }] });

describe('seedOf', () => {
  it('tells nothing to a session that knows it, or that can not bear it', () => {
    const ask = (): never => {
      throw new Error('not to be asked');
    };
    expect(seedOf('handle', ask, [])).toEqual([]);
    expect(seedOf('nothing', ask, [])).toEqual([]);
  });

  it.each<[string, readonly Content[], readonly string[], readonly Content[]]>([
    ['a last turn', [user('a'), user('b')], ['b'], [user('a')]],
    ['the last words of a turn', [user('a\nb')], ['b'], [user('a')]],
    ['several', [user('a\nb\nc')], ['b', 'c'], [user('a')]],
    ['all of it', [user('a')], ['a'], []],
    ['none that are not the last', [user('a'), user('b')], ['a'], [user('a'), user('b')]],
    [
      'none of the model',
      [{ role: 'model', parts: [{ text: 'a' }] }],
      ['a'],
      [{ role: 'model', parts: [{ text: 'a' }] }],
    ],
    ['none when there are none', [user('a')], ['', ' '], [user('a')]],
  ])('leaves out what will be said again: %s', (_what, history, words, told) => {
    expect(seedOf('history', () => history, words)).toEqual(told);
  });

  it('sums up in one turn of the user, newest words last, in 2,000 characters', () => {
    const history = Array.from({ length: 500 }, (_, i) => user(`words ${i}`));
    const [summary, ...more] = seedOf('summary', () => history, []);
    expect(more).toEqual([]);
    const text = summary?.parts[0]?.text ?? '';
    expect(summary?.role).toBe('user');
    expect(text).toMatch(/^Summary of the conversation so far:\n….*\nUser: words 499$/s);
    expect(text).toHaveLength(2_000);
    expect(seedOf('summary', () => [user('hi')], [])).toEqual([
      user('Summary of the conversation so far:\nUser: hi'),
    ]);
  });

  it('has nothing to sum up where nothing was said', () => {
    expect(seedOf('summary', () => [], [])).toEqual([]);
    expect(seedOf('summary', () => [{ role: 'user', parts: [{ text: 'hm', thought: true }] }], [])).toEqual(
      [],
    );
  });
});
