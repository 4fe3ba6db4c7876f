import { ManualClock } from '@parley-testing/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClientOutlet, MAX_CLIENT_BACKLOG_BYTES } from './client-outlet.js';

/** 40 ms of the agent's voice with its header. */
const FRAME_BYTES = 1_936;

/** A network that takes `roomBytes` and then nothing until `read`. */
class SlowClient {
  readonly got: string[] = [];
  #waiting: { bytes: number; what: string; onLeft: () => void }[] = [];

  sendText(json: string): void {
    this.#waiting.push({ bytes: json.length, what: json, onLeft: () => undefined });
  }

  sendBinary(frame: Uint8Array, onLeft: () => void): void {
    this.#waiting.push({ bytes: frame.byteLength, what: `#${frame[0] ?? 0}`, onLeft });
  }

  bufferedBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  read(bytes: number): void {
    let left = bytes;
    for (let next = this.#waiting[0]; next && next.bytes <= left; next = this.#waiting[0]) {
      this.#waiting.shift();
      left -= next.bytes;
      this.got.push(next.what);
      next.onLeft();
    }
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
  outlet.audio(new Uint8Array(FRAME_BYTES).fill(mark), turn, () => (granted += 1));
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

  it('lets a client that reads slowly hear what is fresh, in order, and drops no text', async () => {
    // 25 frames a second for 60 s: 48 kB/s towards a client that reads 10 kB/s
    let second = 0;
    for (; second < 60; second++) {
      for (let i = 0; i < 25; i++) audio(second);
      outlet.text(JSON.stringify({ second }));
      for (let tick = 0; tick < 10; tick++) {
        client.read(FRAME_BYTES);
        await clock.advance(100);
      }
    }
    const heard = client.got.filter((what) => what.startsWith('#')).map((what) => Number(what.slice(1)));
    const texts = client.got.filter((what) => what.startsWith('{'));
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    // what the transport had already is 32 KiB of it: under two seconds at 19 kB/s
    expect(Math.min(...heard.slice(-10))).toBeGreaterThanOrEqual(60 - 3 - 3);
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, i) => JSON.stringify({ second: i })));
    expect(aged).toBeGreaterThan(700);
    expect(overflows).toBe(0);
  });

  it('holds no more than 768 KiB for a client that reads nothing, and says when that is full', () => {
    const text = JSON.stringify({ said: 'x'.repeat(8_000) });
    let texts = 0;
    for (; overflows === 0; texts++) outlet.text(text);
    expect(texts * text.length).toBeGreaterThan(MAX_CLIENT_BACKLOG_BYTES - text.length);
    expect(texts * text.length).toBeLessThanOrEqual(MAX_CLIENT_BACKLOG_BYTES + text.length);
  });

  it('frees what old audio held although the client reads nothing', async () => {
    for (let i = 0; i < 40; i++) audio(1);
    await clock.advance(3_200);
    // what the transport has can not be called back
    expect(aged).toBeGreaterThan(20);
    expect(granted).toBe(aged);
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
