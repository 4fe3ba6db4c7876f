import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser } from './frame-parser.js';
import { LINK_FRAME, type LinkFrameHeader } from './link-frame.js';
import { linkFrame } from './testing/link-bytes.js';

const LIMIT = 70_000;

interface Seen {
  readonly header: LinkFrameHeader;
  readonly payload: Uint8Array;
}

function collector(limit = LIMIT): { readonly parser: FrameParser; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const parser = new FrameParser((header, payload) => {
    seen.push({ header: { ...header }, payload: payload.slice() });
  }, limit);
  return { parser, seen };
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const frames = fc.array(
  fc.record({
    type: fc.constantFrom(...Object.values(LINK_FRAME)),
    chan: u32,
    epochLo: u32,
    turn: u32,
    seq: u32,
    payload: fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 80 }) },
      { weight: 1, arbitrary: fc.nat(LIMIT).map((size) => new Uint8Array(size).fill(size)) },
    ),
  }),
  { maxLength: 12 },
);

/** Cuts `bytes` at the given fractions; each chunk is a copy, as from a socket. */
function cut(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const ends = [...fractions.map((each) => Math.floor(each * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

describe('FrameParser', () => {
  it('finds the same frames however the stream is cut, and keeps no view of a chunk', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(frames, fc.array(fraction, { maxLength: 60 }), (sent, cuts) => {
        const { parser, seen } = collector();
        const stream = Buffer.concat(sent.map(({ payload, ...header }) => linkFrame(header, payload)));
        for (const chunk of cut(new Uint8Array(stream), cuts)) {
          expect(parser.push(chunk)).toBe(true);
          chunk.fill(0xee);
        }
        expect(seen.map(({ header }) => header)).toEqual(
          sent.map(({ payload, ...header }) => ({ ...header, length: payload.byteLength })),
        );
        seen.forEach(({ payload }, i) => {
          expect(Buffer.compare(payload, sent[i]?.payload ?? new Uint8Array(0))).toBe(0);
        });
      }),
    );
  });

  it('finds the same frames byte by byte', () => {
    const { parser, seen } = collector();
    const stream = Buffer.concat([
      linkFrame({ type: LINK_FRAME.ping, turn: 7 }),
      linkFrame({ type: LINK_FRAME.media, chan: 1, seq: 1 }, new Uint8Array([1, 2, 3])),
    ]);
    for (const byte of stream) parser.push(Uint8Array.of(byte));
    expect(seen.map(({ header, payload }) => [header.type, header.turn, [...payload]])).toEqual([
      [LINK_FRAME.ping, 7, []],
      [LINK_FRAME.media, 0, [1, 2, 3]],
    ]);
  });

  it('hands on a view when a frame lies within one chunk', () => {
    const chunk = linkFrame({ type: LINK_FRAME.control, chan: 1 }, new Uint8Array([1, 2, 3]));
    const buffers: ArrayBufferLike[] = [];
    const parser = new FrameParser((_, payload) => void buffers.push(payload.buffer), LIMIT);
    parser.push(chunk);
    expect(buffers).toEqual([chunk.buffer]);
    expect(buffers[0]).toBe(chunk.buffer);
  });

  it('never throws on garbage, and delivers nothing after it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
        const { parser, seen } = collector();
        let alive = true;
        for (const chunk of chunks) {
          const before = seen.length;
          const answer = parser.push(chunk);
          if (!alive) expect([answer, seen.length]).toEqual([false, before]);
          alive = answer;
        }
      }),
    );
  });

  it.each([
    ['a type that is none', { at: 4, byte: 99 }],
    ['type 0', { at: 4, byte: 0 }],
    ['flags', { at: 5, byte: 1 }],
    ['reserved bits', { at: 7, byte: 1 }],
    ['a length beyond the limit', { at: 0, byte: 0xff }],
  ])('stops for good at %s, whole or in pieces', (_, { at, byte }) => {
    const good = linkFrame({ type: LINK_FRAME.control, chan: 1 }, new Uint8Array(3));
    const bad = good.slice();
    bad[at] = byte;
    for (const chunks of [
      [good, bad],
      [good, bad.subarray(0, 9), bad.subarray(9)],
    ]) {
      const { parser, seen } = collector();
      expect(chunks.map((chunk) => parser.push(chunk)).at(-1)).toBe(false);
      expect(parser.push(good)).toBe(false);
      expect(seen).toHaveLength(1);
    }
  });

  it('delivers nothing after stop, not even from the same chunk', () => {
    let count = 0;
    const parser: FrameParser = new FrameParser(() => {
      count += 1;
      parser.stop();
    }, LIMIT);
    const frame = linkFrame({ type: LINK_FRAME.control, chan: 1 });
    parser.push(Buffer.concat([frame, frame]));
    expect(count).toBe(1);
  });
});
