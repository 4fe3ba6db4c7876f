import { ManualClock } from '@parley-testing/kernel';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputRing } from './input-ring.js';
import type { ModelInput } from './model-input.js';

const audio = (ms: number, mimeType = 'audio/pcm;rate=16000'): ModelInput => ({
  kind: 'realtime',
  blob: { mimeType, data: new Uint8Array(ms * 32) },
});
const image: ModelInput = {
  kind: 'realtime',
  blob: { mimeType: 'image/jpeg', data: Uint8Array.of(1) },
};
const text = (words: string): ModelInput => ({
  kind: 'content',
  content: { parts: [{ text: words }] },
  partial: false,
});
const result = (id: string): ModelInput => ({
  kind: 'toolResponse',
  responses: [{ id, name: 'f', response: {} }],
});

describe('InputRing', () => {
  let clock: ManualClock;
  let ring: InputRing;

  beforeEach(() => {
    clock = new ManualClock();
    ring = new InputRing(clock);
  });

  const inputs = (): readonly ModelInput[] => ring.takeAll().entries.map((entry) => entry.input);

  it('gives everything that was said, in order, as often as it is asked', () => {
    const said = [text('a'), audio(100), image, { kind: 'audioStreamEnd' } as const];
    for (const input of said) ring.add(input, true);
    expect(inputs()).toEqual(said);
    expect(inputs()).toEqual(said);
  });

  it('forgets what a turn answered when it is over, and keeps what came after it began', () => {
    ring.add(text('question'), true);
    ring.turnBegan();
    ring.add(text('next'), true);
    expect(ring.unansweredTexts).toEqual(['question', 'next']);
    ring.turnEnded();
    expect(inputs()).toEqual([text('next')]);
  });

  it('forgets silence with a new handle, and no unanswered text', async () => {
    ring.add(text('question'), true);
    for (let i = 0; i < 30; i++) {
      ring.add(audio(100), true);
      await clock.advance(100);
    }
    ring.handleIssued(clock.monotonicMs() - 1_000);
    expect(inputs()).toHaveLength(11);
  });

  it('forgets what the provider says it keeps', () => {
    for (const index of [1, 2, 3]) ring.add(text(`t${index}`), true).stamp.index = index;
    ring.add(text('held'), true);
    ring.consumed(2);
    expect(inputs()).toEqual([text('t3'), text('held')]);
  });

  it('keeps results of tools only until they have been said', () => {
    ring.add(result('said'), true);
    ring.add(result('waits'), false);
    expect(inputs()).toEqual([result('waits')]);
    expect(inputs()).toEqual([]);
  });

  it('leaves out results that nobody asked for', () => {
    ring.add(result('a'), false);
    ring.add(result('b'), false);
    ring.keepResponses((responses) => responses.filter(({ id }) => id === 'b'));
    expect(inputs()).toEqual([result('b')]);
  });

  it('never drops a result of a tool to make room', () => {
    for (let i = 0; i < 100; i++) ring.add(result(`r${i}`), false);
    for (let i = 0; i < 100; i++) ring.add(text(`t${i}`), false);
    expect(inputs().filter(({ kind }) => kind === 'toolResponse')).toHaveLength(100);
  });

  it('does not stop a turn that nobody has asked for', () => {
    ring.add({ kind: 'interrupt' }, true);
    expect(inputs()).toEqual([]);
    ring.add(text('question'), true);
    ring.add({ kind: 'interrupt' }, true);
    expect(inputs()).toEqual([text('question'), { kind: 'interrupt' }]);
  });

  it('counts the media that no socket has been given', () => {
    ring.add(audio(10), true);
    ring.add(audio(10), false);
    ring.add(image, false);
    expect(ring.unsentBytes).toBe(321);
    ring.takeAll();
    expect(ring.unsentBytes).toBe(0);
  });

  it('stays within its bounds, keeps order and accounts for every millisecond, whatever is said', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('audio' as const),
        ms: fc.integer({ min: 1, max: 3_000 }),
        sent: fc.boolean(),
      }),
      fc.record({
        kind: fc.constantFrom('image' as const, 'text' as const),
        ms: fc.constant(0),
        sent: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sut = new InputRing(new ManualClock());
        let saidMs = 0;
        for (const { kind, ms, sent } of steps) {
          saidMs += ms;
          sut.add(kind === 'audio' ? audio(ms) : kind === 'image' ? image : text('t'), sent);
          const bytes = sut.unsentBytes;
          expect(bytes).toBeGreaterThanOrEqual(0);
          expect(bytes).toBeLessThanOrEqual(352 * 1024 + 1);
        }
        const { entries, lost } = sut.takeAll();
        const keptMs = entries.reduce((sum, { audioMs }) => sum + audioMs, 0);
        expect(keptMs).toBeLessThanOrEqual(10_000);
        expect(Math.round(keptMs + lost.audioMs)).toBe(saidMs);
        const texts = entries.filter(({ input }) => input.kind === 'content').length;
        expect(texts).toBe(Math.min(64, steps.filter(({ kind }) => kind === 'text').length));
        expect(entries.map(({ order }) => order)).toEqual(
          entries.map(({ order }) => order).toSorted((a, b) => a - b),
        );
        sut.clear();
        expect(sut.takeAll().entries).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
