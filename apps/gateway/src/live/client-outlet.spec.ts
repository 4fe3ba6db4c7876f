import { ManualClock } from '@parley-testing/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClientOutlet, MAX_CLIENT_BACKLOG_BYTES, SILENT_CONSUMER_MS } from './client-outlet.js';

/** 40 ms of the agent's voice with its header. */
const FRAME_BYTES = 1_936;

interface OnTheWay {
  readonly bytes: number;
  readonly atMs: number;
  readonly what: string;
  readonly onRead: () => void;
}

/** A client behind a network that takes everything at once: what is on the way is seen by what the client confirms only. */
class SlowClient {
  readonly got: string[] = [];
  confirms = true;
  #onTheWay: OnTheWay[] = [];

  sendText(json: string): void {
    this.#onTheWay.push({
      atMs: clock.monotonicMs(),
      bytes: json.length,
      what: json,
      onRead: () => undefined,
    });
  }

  sendBinary(frame: Uint8Array, onLeft: () => void): void {
    this.#onTheWay.push({
      atMs: clock.monotonicMs(),
      bytes: frame.byteLength,
      what: `#${new DataView(frame.buffer).getUint32(0)}`,
      onRead: () => undefined,
    });
    onLeft();
  }

  confirm(onConfirmed: () => void): void {
    this.#onTheWay.push({
      atMs: clock.monotonicMs(),
      bytes: 0,
      what: '',
      onRead: () => this.confirms && onConfirmed(),
    });
  }

  bufferedBytes(): number {
    return 0;
  }

  readWhatWasSentBefore(ms: number): void {
    for (let next = this.#onTheWay[0]; next && next.atMs < ms; next = this.#onTheWay[0])
      this.read(next.bytes);
  }

  /** Returns how many bytes it could not read: those of a part of a message. */
  read(bytes: number): number {
    let left = bytes;
    for (let next = this.#onTheWay[0]; next && next.bytes <= left; next = this.#onTheWay[0]) {
      this.#onTheWay.shift();
      left -= next.bytes;
      if (next.what !== '') this.got.push(next.what);
      next.onRead();
    }
    return left;
  }
}

let clock: ManualClock;
let client: SlowClient;
let aged: number;
let overflows: number;
let granted: number;
let outlet: ClientOutlet;

beforeEach(() => {
  clock = new ManualClock();
  client = new SlowClient();
  aged = overflows = granted = 0;
  outlet = new ClientOutlet({
    transport: client,
    clock,
    onAudio: () => undefined,
    onAudioAged: (frames) => (aged += frames),
    onOverflow: () => (overflows += 1),
  });
});

function audio(mark: number, turn = 1): void {
  const frame = new Uint8Array(FRAME_BYTES);
  new DataView(frame.buffer).setUint32(0, mark);
  outlet.audio(frame, turn, () => (granted += 1));
}

/** What the client has heard of frames that have the time at which they were made as their mark. */
function heard(): number[] {
  return client.got.filter((what) => what.startsWith('#')).map((what) => Number(what.slice(1)));
}

describe('the outlet to a client', () => {
  it('passes everything on at once while the client reads', () => {
    audio(1);
    outlet.text('{"a":1}');
    client.read(10_000);
    audio(2);
    client.read(10_000);
    expect([client.got, granted]).toEqual([['#1', '{"a":1}', '#2'], 2]);
  });

  it('lets a client that becomes slow hear what is fresh, in order, and drops no text', async () => {
    // 25 frames a second for 60 s: 48 kB/s towards a client that reads 10 kB/s from the fifth second on
    let worstMs = 0;
    let unread = 0;
    for (let step = 0; step < 60 * 25; step++) {
      audio(clock.monotonicMs());
      if (step % 25 === 0) outlet.text(JSON.stringify({ second: step / 25 }));
      unread = Math.min(unread + (step < 125 ? 48_400 : 10_000) / 25, 10_000);
      const already = heard().length;
      unread = client.read(unread);
      for (const madeMs of heard().slice(already)) worstMs = Math.max(worstMs, clock.monotonicMs() - madeMs);
      await clock.advance(40);
    }
    const texts = client.got.filter((what) => what.startsWith('{'));
    expect(worstMs).toBeLessThan(3_000);
    expect(heard().length).toBeGreaterThan(4 * 60);
    expect(heard()).toEqual([...heard()].sort((a, b) => a - b));
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, i) => JSON.stringify({ second: i })));
    expect(aged).toBeGreaterThan(700);
    expect(overflows).toBe(0);
  });

  it('gives a distant client with room for it all that is said', async () => {
    for (let step = 0; step < 20 * 25; step++) {
      audio(1);
      // there and back
      client.readWhatWasSentBefore(clock.monotonicMs() - 500);
      await clock.advance(40);
    }
    expect(aged).toBe(0);
  });

  it('holds no more than 768 KiB for a client that confirms nothing, and says when that is full', () => {
    const text = JSON.stringify({ said: 'x'.repeat(8_000) });
    let texts = 0;
    for (; overflows === 0; texts++) outlet.text(text);
    expect(texts * text.length).toBeGreaterThan(MAX_CLIENT_BACKLOG_BYTES - text.length);
    expect(texts * text.length).toBeLessThanOrEqual(MAX_CLIENT_BACKLOG_BYTES + text.length);
  });

  it('gives up a client that takes nothing for half a minute', async () => {
    for (let i = 0; i < 10; i++) audio(1);
    await clock.advance(SILENT_CONSUMER_MS - 1_000);
    expect(overflows).toBe(0);
    await clock.advance(2_000);
    expect(overflows).toBe(1);
    await clock.advance(60_000);
    expect(overflows).toBe(1);
  });

  it('does not give up a client that takes something now and then, or for which hardly anything waits', async () => {
    for (let i = 0; i < 10; i++) audio(1);
    for (let second = 0; second < 90; second += 10) {
      client.read(FRAME_BYTES * 5);
      await clock.advance(10_000);
      for (let i = 0; i < 5; i++) audio(1);
    }
    client.read(1_000_000);
    outlet.text('{}');
    await clock.advance(90_000);
    expect(overflows).toBe(0);
  });

  it('believes no client that confirms what it was not asked for', async () => {
    client.confirms = false;
    for (let i = 0; i < 40; i++) audio(1);
    client.read(1_000_000);
    await clock.advance(3_200);
    expect(aged).toBeGreaterThan(20);
  });

  it('frees what old audio held although the client reads nothing', async () => {
    for (let i = 0; i < 40; i++) audio(1);
    await clock.advance(3_200);
    expect(aged).toBeGreaterThan(20);
    expect(granted).toBe(40);
  });

  it('purges the audio of an interrupted turn, and nothing else', () => {
    for (let i = 0; i < 30; i++) audio(1, 1);
    audio(2, 2);
    outlet.text('{}');
    outlet.purge(1);
    client.read(1_000_000);
    client.read(1_000_000);
    expect(client.got.filter((what) => what === '#1').length).toBeLessThan(20);
    expect(client.got.slice(-2)).toEqual(['#2', '{}']);
  });

  it('gives what was said before the end to the transport, and nothing after', () => {
    for (let i = 0; i < 30; i++) audio(1);
    outlet.text('{"last":1}');
    outlet.close();
    outlet.text('{"late":1}');
    audio(9);
    client.read(1_000_000);
    expect(client.got.at(-1)).toBe('{"last":1}');
  });
});
