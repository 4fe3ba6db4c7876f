import { ManualClock } from '@parley-testing/kernel';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { OutboundGate, type MediaLoss } from './outbound-gate.js';

const KIB = 1024;

/** A socket whose peer reads only when told to. */
class SlowSocket {
  readonly sent: string[] = [];
  #unread: number[] = [];

  get bufferedBytes(): number {
    return this.#unread.reduce((sum, size) => sum + size, 0);
  }

  send(text: string): void {
    this.sent.push(text);
    this.#unread.push(text.length);
  }

  drain(frames = Number.POSITIVE_INFINITY): void {
    this.#unread.splice(0, frames);
  }
}

describe('OutboundGate', () => {
  let clock: ManualClock;
  let socket: SlowSocket;
  let losses: MediaLoss[];
  let stuck: string[];
  let gate: OutboundGate;

  beforeEach(() => {
    clock = new ManualClock();
    socket = new SlowSocket();
    losses = [];
    stuck = [];
    gate = new OutboundGate({
      clock,
      socket,
      onDropped: (loss) => losses.push(loss),
      onStuck: (why) => stuck.push(why),
    });
  });

  const audio = (name: string, size = 4 * KIB): void => gate.media(name.padEnd(size, '.'), { audioMs: 100 });
  const names = (): string[] => socket.sent.map((text) => text.replace(/\.+$/, ''));
  const fill = (): void => gate.control('x'.repeat(256 * KIB + 1));

  it('sends at once while the peer reads', () => {
    audio('a');
    gate.control('b');
    expect(names()).toEqual(['a', 'b']);
  });

  it('holds frames of a slow peer and sends them in order once it reads', async () => {
    fill();
    audio('a');
    gate.control('b');
    audio('c');
    expect(socket.sent).toHaveLength(1);
    socket.drain();
    await clock.advance(20);
    expect(names().slice(1)).toEqual(['a', 'b', 'c']);
    audio('d');
    expect(names().at(-1)).toBe('d');
    expect(losses).toEqual([]);
  });

  it('drops the oldest audio, and tells how much, but no control frame', async () => {
    fill();
    gate.control('first');
    for (let i = 0; i < 70; i++) audio(`a${i}`);
    gate.media('picture'.padEnd(8 * KIB, '.'), { images: 1 });
    gate.control('last');
    expect(losses).toEqual(Array.from({ length: 8 }, () => ({ audioMs: 100 })));
    for (let i = 0; i < 5; i++) {
      socket.drain();
      await clock.advance(20);
    }
    expect(names().slice(1)).toEqual([
      'first',
      ...Array.from({ length: 62 }, (_, i) => `a${i + 8}`),
      'picture',
      'last',
    ]);
  });

  it('counts what it holds as buffered', () => {
    fill();
    gate.control('12345');
    audio('a', 10);
    expect(gate.bufferedBytes).toBe(256 * KIB + 1 + 15);
  });

  it('numbers messages as they leave, not as they come', async () => {
    const stamps = Array.from({ length: 3 }, () => ({ index: undefined as number | undefined }));
    const [first, second, third] = stamps;
    if (!first || !second || !third) throw new Error('three stamps');
    gate.stamped(first, () => audio('a'));
    fill();
    gate.stamped(second, () => {
      audio('b');
      gate.control('c');
    });
    gate.stamped(third, () => undefined);
    expect(stamps.map(({ index }) => index)).toEqual([1, undefined, undefined]);
    socket.drain();
    await clock.advance(20);
    expect(stamps.map(({ index }) => index)).toEqual([1, 4, undefined]);
  });

  it('gives up when more control waits than it will hold', () => {
    fill();
    for (let i = 0; i < 9; i++) gate.control('y'.repeat(256 * KIB));
    expect(stuck).toEqual(['too much waits for the provider']);
  });

  it('gives up after five seconds in which the peer read nothing', async () => {
    fill();
    audio('a');
    await clock.advance(4_980);
    expect(stuck).toEqual([]);
    await clock.advance(20);
    expect(stuck).toEqual(['the provider does not read']);
  });

  it('is patient with a peer that reads slowly', async () => {
    for (let i = 0; i < 3_000; i++) audio(`s${i}`, KIB);
    for (let i = 0; i < 30; i++) {
      socket.drain(1);
      await clock.advance(1_000);
    }
    expect(stuck).toEqual([]);
  });

  it('sends nothing after close, and holds no timer', async () => {
    fill();
    audio('a');
    gate.close();
    gate.close();
    socket.drain();
    await clock.advance(60_000);
    gate.control('b');
    expect(socket.sent).toHaveLength(1);
    expect(gate.bufferedBytes).toBe(0);
    expect(stuck).toEqual([]);
  });

  it('keeps order, drops only media and stays within its bounds, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('control', 'media'), size: fc.integer({ min: 8, max: 90 * KIB }) }),
      fc.record({ kind: fc.constant('drain'), size: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const slow = new SlowSocket();
        const time = new ManualClock();
        let dropped = 0;
        let gaveUp = false;
        const sut = new OutboundGate({
          clock: time,
          socket: slow,
          onDropped: () => (dropped += 1),
          onStuck: () => (gaveUp = true),
        });
        const given: string[] = [];
        for (const [index, { kind, size }] of steps.entries()) {
          if (kind === 'drain') {
            slow.drain(size);
            await time.advance(20);
            continue;
          }
          const text = `${kind}${index}`.padEnd(size, '.');
          given.push(text);
          if (kind === 'control') sut.control(text);
          else sut.media(text, { audioMs: 1 });
          expect(sut.bufferedBytes - slow.bufferedBytes).toBeLessThanOrEqual((256 + 2_048) * KIB);
        }
        if (gaveUp) return;
        for (let i = 0; i < 100; i++) {
          slow.drain();
          await time.advance(20);
        }
        const sent = new Set(slow.sent);
        expect(slow.sent).toEqual(given.filter((text) => sent.has(text)));
        expect(given.length - slow.sent.length).toBe(dropped);
        for (const text of given) if (text.startsWith('control')) expect(sent.has(text)).toBe(true);
        sut.close();
      }),
      { numRuns: 60 },
    );
  });
});
