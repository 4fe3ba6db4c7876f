import { encodeBase64 } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { asUserText, errorOutputOf, isEmptyResult, toolOutputOf } from './tool-result.js';

const PNG = { mimeType: 'image/png', data: new Uint8Array([1, 2, 3]) };

describe('A result', () => {
  it.each([
    ['x', { result: 'x' }],
    [[1], { result: [1] }],
    [{ a: 1 }, { a: 1 }],
    [undefined, { result: null }],
    [null, { result: null }],
    [0, { result: 0 }],
    [() => 1, { result: null }],
    [new Date(0), { result: '1970-01-01T00:00:00.000Z' }],
    [{ at: new Date(0), none: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('F6 %s is told as %s', (result, response) => {
    expect(toolOutputOf(result)).toEqual({ response });
  });

  it('F6 has its media beside it, whether a Blob, a Part or base64', () => {
    expect(toolOutputOf(PNG)).toEqual({
      response: { result: { mimeType: 'image/png', part: 0 } },
      parts: [{ inlineData: PNG }],
    });
    const base64 = { inlineData: { mimeType: 'image/png', data: encodeBase64(PNG.data) } };
    const { response, parts } = toolOutputOf({ title: 'two', images: [{ inlineData: PNG }, base64] });
    expect(response).toEqual({
      title: 'two',
      images: [
        { mimeType: 'image/png', part: 0 },
        { mimeType: 'image/png', part: 1 },
      ],
    });
    expect(parts?.map((part) => [...(part.inlineData?.data ?? [])])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('that is too large or no JSON is refused', () => {
    expect(() => toolOutputOf('é'.repeat(40_000))).toThrow('larger than 65536 bytes');
    expect(toolOutputOf('e'.repeat(65_000)).response).toHaveProperty('result');
    expect(() => toolOutputOf({ ...PNG, data: new Uint8Array(1_048_577) })).toThrow('larger than 1048576');
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(() => toolOutputOf(loop)).toThrow();
    expect(() => toolOutputOf({ big: 1n })).toThrow();
  });

  it('keeps a key such as __proto__ to itself', () => {
    const { response } = toolOutputOf(JSON.parse('{"__proto__": {"admin": true}}'));
    expect(Object.getPrototypeOf(response)).toBe(Object.prototype);
    expect(Object.hasOwn(response, '__proto__')).toBe(true);
  });

  it('of a long-running tool is none when it says nothing', () => {
    expect([undefined, null, '', {}].every(isEmptyResult)).toBe(true);
    expect([0, false, [], { a: 1 }].some(isEmptyResult)).toBe(false);
  });

  it('in a user’s words is its value', () => {
    const text = (response: Record<string, unknown>) =>
      asUserText({ id: '1', name: 'f', response }).parts[0]?.text;
    expect(text({ result: 'x' })).toBe('Function f returned: x');
    expect(text({ a: 1 })).toBe('Function f returned: {"a":1}');
    expect(text({ result: null })).toBe('Function f returned: null');
  });

  it('that is an error is cut to what a model needs', () => {
    expect(errorOutputOf(new Error('e'.repeat(5_000))).response).toEqual({ error: 'e'.repeat(1_000) });
    expect(errorOutputOf('bare').response).toEqual({ error: 'bare' });
  });
});
