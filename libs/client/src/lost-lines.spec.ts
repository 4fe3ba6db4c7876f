import { ManualClock } from '@parley-testing/kernel';
import type { ClientMessageInput, ServerMessage } from '@parley/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyClient } from './parley-client.js';
import { MemoryTransport, READY } from './testing/index.js';

/** One line with both of its directions in flight: what was sent arrives when it is carried, or never. */
class SlowLine {
  readonly transport = new MemoryTransport();
  readonly #server: TextServer;
  readonly #down: ServerMessage[] = [];
  #accepted = false;
  #arrived = 0;

  constructor(server: TextServer) {
    this.#server = server;
  }

  get lost(): boolean {
    return this.transport.closedWith !== undefined;
  }

  carryUp(most: number): void {
    if (!this.#accepted && !this.lost) this.transport.accept();
    this.#accepted = true;
    for (let n = 0; n < most && !this.lost; n++) {
      const message = this.transport.messages[this.#arrived];
      if (!message) return;
      this.#arrived += 1;
      this.#server.hear(message, this);
    }
  }

  carryDown(most: number): void {
    for (const message of this.#down.splice(0, this.lost ? 0 : most)) this.transport.say(message);
  }

  push(message: ServerMessage): void {
    this.#down.push(message);
  }
}

/** Stores each text once by its id, tells of it in a numbered event, and tells a client that returns what it missed. */
class TextServer {
  readonly stored: string[] = [];
  readonly lines: SlowLine[] = [];
  readonly #ids = new Set<string>();
  #serving: SlowLine | undefined;

  readonly dial = (): MemoryTransport => {
    const line = new SlowLine(this);
    this.lines.push(line);
    return line.transport;
  };

  hear(message: ClientMessageInput, line: SlowLine): void {
    if (message.type === 'hello') return this.#attach(line, message.resume?.seq);
    if (message.type !== 'text' || line !== this.#serving) return;
    const id = message.id ?? '';
    if (!this.#ids.has(id)) {
      this.#ids.add(id);
      this.stored.push(message.text);
      line.push(this.#event(this.stored.length));
    }
    line.push({ type: 'ack', id });
  }

  #attach(line: SlowLine, seq: number | undefined): void {
    if (this.#serving && !this.#serving.lost) this.#serving.transport.hangUp(4409);
    this.#serving = line;
    if (seq === undefined) line.push(READY);
    else line.push({ type: 'resumed', cause: 'client', recovered: true, mode: 'live', gapMs: 0 });
    line.push({ type: 'resume', token: `t${this.lines.length}`, windowMs: 600_000 });
    // One that the client has already, as after a replay that overlaps.
    for (let missed = Math.max(1, seq ?? 0); missed <= this.stored.length; missed++)
      line.push(this.#event(missed));
  }

  #event(seq: number): ServerMessage {
    const event = { id: `e${seq}`, invocationId: 'e-1', author: 'user', timestamp: 1_000 };
    return { type: 'event', seq, turn: 0, event };
  }
}

/** `back`: 0 for the newest line, 1 for the one before, which serves on while a gateway leaves. */
interface Step {
  readonly kind: 'say' | 'up' | 'down' | 'wait' | 'lose' | 'leave';
  readonly amount: number;
  readonly back: number;
}

const KINDS = ['say', 'say', 'up', 'up', 'down', 'down', 'wait', 'lose', 'leave'] as const;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  amount: fc.integer({ min: 1, max: 4 }),
  back: fc.integer({ min: 0, max: 1 }),
});

describe('a conversation whose lines are lost at any moment', () => {
  it('loses no text, doubles none, keeps their order, and hears each event once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, seed) => {
        const clock = new ManualClock();
        const server = new TextServer();
        let drawn = seed;
        const random = (): number => (drawn = (drawn * 69_069 + 1) % 2 ** 32) / 2 ** 32;
        const client = new ParleyClient({ dial: server.dial, token: 't', clock, random });
        const seqs: number[] = [];
        const delivered: string[] = [];
        client.on('event', ({ seq }) => seqs.push(seq));
        client.on('delivered', ({ id }) => delivered.push(id));
        const carry = (most: number): void => {
          for (const line of server.lines) {
            line.carryUp(most);
            line.carryDown(most);
          }
        };
        const ready = client.connect();
        carry(2);
        await ready;
        const said: string[] = [];
        for (const { kind, amount, back } of steps) {
          const line = server.lines.at(-1 - back);
          const text = `text ${said.length}`;
          if (kind === 'say' && client.sendText(text, text)) said.push(text);
          if (kind === 'up') line?.carryUp(amount);
          if (kind === 'down') line?.carryDown(amount);
          if (kind === 'wait') await clock.advance(amount * amount * 100);
          if (kind === 'lose') line?.transport.hangUp(1006);
          if (kind === 'leave') {
            line?.push({ type: 'goaway', inMs: 20_000, spreadMs: 1_000, reason: 'drain' });
          }
        }
        for (let round = 0; round < 80; round++) {
          carry(Number.POSITIVE_INFINITY);
          await clock.advance(500);
        }
        expect(client.phase).toBe('live');
        expect(server.stored).toEqual(said);
        expect(delivered).toEqual(said);
        expect(seqs).toEqual(said.map((_, index) => index + 1));
        expect(client.stats.missingEvents).toBe(0);
        client.close();
      }),
      { numRuns: 300 },
    );
  });
});
