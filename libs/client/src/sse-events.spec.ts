import { describe, expect, it } from 'vitest';
import { SseReader } from './sse-events.js';

describe('SseReader', () => {
  it('reads events however the pieces are cut', () => {
    const text =
      'retry: 1000\n\n:\n\nevent: m\ndata: {"a":1}\n\nevent: a\r\ndata:AAAA\r\n\r\ndata: x\ndata: y\n\n';
    const expected = [
      { name: 'm', data: '{"a":1}' },
      { name: 'a', data: 'AAAA' },
      { name: 'message', data: 'x\ny' },
    ];
    for (const size of [1, 2, 7, text.length]) {
      const reader = new SseReader();
      const events = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
        reader.push(text.slice(n * size, (n + 1) * size)),
      ).flat();
      expect(events).toEqual(expected);
    }
  });

  it('gives up on a line that does not end', () => {
    const reader = new SseReader();
    expect(() => {
      for (let n = 0; n < 100; n++) reader.push('x'.repeat(100_000));
    }).toThrow(RangeError);
  });
});
