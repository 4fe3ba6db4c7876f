import { FRAME_CODEC, FRAME_KIND, type MediaFrame } from '@parley/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputRing, MAX_SIGNALS, MAX_WAITING_TEXTS, type Uplink } from './input-ring.js';
import { MIC } from './testing/gateway-rig.js';

const IMAGE: MediaFrame = { ...MIC, kind: FRAME_KIND.video, codec: FRAME_CODEC.jpeg };

class Heard implements Uplink {
  readonly items: string[] = [];
  queuedMediaBytes = 0;
  open = true;

  sendControl(payload: Uint8Array): boolean {
    if (this.open) this.items.push(new TextDecoder().decode(payload).trim());
    return this.open;
  }

  sendMedia(frame: Uint8Array): boolean {
    if (this.open) this.items.push(`#${frame[0] ?? -1}`);
    return this.open;
  }
}

let ring: InputRing;
let owner: Heard;

beforeEach(() => {
  ring = new InputRing();
  owner = new Heard();
});

function text(id: string, size = 1): boolean {
  const taken = ring.addText(id, new TextEncoder().encode(id.padEnd(size)), 0);
  ring.feed(owner);
  return taken;
}

function signal(name: string, opens = false): boolean {
  const taken = ring.addSignal(new TextEncoder().encode(name), opens, 0);
  ring.feed(owner);
  return taken;
}

function speech(mark: number, options: { voiced?: boolean; atMs?: number } = {}): number {
  const { voiced = false, atMs = 0 } = options;
  const lostMs = ring.addMedia(MIC, new Uint8Array(1_296).fill(mark), voiced, atMs);
  ring.feed(owner);
  return lostMs;
}

/** What another owner hears. */
function replayed(sinceMs?: number): string[] {
  owner = new Heard();
  ring.replay(sinceMs);
  ring.feed(owner);
  return owner.items;
}

describe('the input ring', () => {
  it('gives the next owner what the last one did not settle or acknowledge, in the order of the user', () => {
    signal('start', true);
    speech(1);
    text('a');
    speech(2);
    signal('end');
    text('b');
    owner.open = false;
    speech(3);
    expect(replayed()).toEqual(['start', '#1', 'a', '#2', 'end', 'b', '#3']);
  });

  it('forgets a text with its acknowledgement, and knows one that comes twice', () => {
    text('a');
    text('b');
    text('a');
    ring.acknowledge('b');
    ring.acknowledge('unknown');
    expect(replayed()).toEqual(['a']);
  });

  it('refuses texts beyond its bounds, and takes some again when others are acknowledged', () => {
    for (let i = 0; i < MAX_WAITING_TEXTS; i++) expect(text(`t${i}`)).toBe(true);
    expect(text('one more')).toBe(false);
    ring.acknowledge('t0');
    expect(text('one more')).toBe(true);
    ring = new InputRing();
    for (let i = 0; i < 4; i++) expect(text(`t${i}`, 65_536)).toBe(true);
    expect(text('x')).toBe(false);
    expect(replayed()).toHaveLength(4);
  });

  it('forgets settled speech, and with it the signals that came before', () => {
    signal('start', true);
    for (let mark = 1; mark <= 3; mark++) speech(mark);
    signal('end');
    speech(4);
    ring.settle(2);
    expect(replayed()).toEqual(['#3', 'end', '#4']);
    ring.settle(1);
    expect(replayed()).toEqual(['#4']);
  });

  it('counts for each channel anew what is settled', () => {
    for (let mark = 1; mark <= 4; mark++) speech(mark);
    ring.settle(2);
    replayed();
    speech(5);
    ring.settle(1);
    ring.settle(1);
    expect(replayed()).toEqual(['#4', '#5']);
  });

  it('counts right what the owner has had when the channel dropped frames', () => {
    for (let mark = 1; mark <= 6; mark++) speech(mark);
    // 1 had left, 2 and 3 were dropped: the owner has had 1, 4, 5, 6
    ring.dropped(2, 1);
    ring.settle(1);
    expect(replayed()).toEqual(['#2', '#3', '#4', '#5', '#6']);
    for (let mark = 7; mark <= 9; mark++) speech(mark);
    ring.settle(2);
    // on the new channel 2 and 3 came first; then 4 was dropped
    ring.dropped(1, 2);
    ring.settle(4);
    expect(replayed()).toEqual(['#7', '#8', '#9']);
  });

  it('sends the owner of before only what came since it was lost, and texts always', () => {
    text('a');
    speech(1, { atMs: 100 });
    speech(2, { atMs: 200 });
    owner.open = false;
    signal('end');
    speech(3, { atMs: 300 });
    expect(replayed(200)).toEqual(['a', '#2', 'end', '#3']);
    // yet the next owner but one gets all that nobody settled
    expect(replayed()).toEqual(['a', '#1', '#2', 'end', '#3']);
  });

  it('keeps 480 kB of speech, which is not quite 15 s with its headers, and tells how much was lost that nobody had', () => {
    let lostMs = 0;
    for (let i = 0; i < 400; i++) {
      owner.open = i < 5;
      lostMs += speech(1);
    }
    expect(replayed()).toHaveLength(370);
    expect(lostMs).toBe(25 * 40);
  });

  it('keeps only the newest image', () => {
    for (const mark of [7, 8]) {
      ring.addMedia(IMAGE, new Uint8Array(100).fill(mark), false, 0);
      speech(mark + 10);
    }
    expect(replayed()).toEqual(['#17', '#8', '#18']);
    // the frame of the first image counts nevertheless
    ring.settle(1);
    expect(replayed()).toEqual(['#8', '#18']);
  });

  it('knows whether someone may have spoken', () => {
    speech(1);
    expect(ring.hasVoice).toBe(false);
    speech(2, { voiced: true });
    expect(ring.hasVoice).toBe(true);
    ring.settle(2);
    expect(ring.hasVoice).toBe(false);
  });

  it('refuses signals beyond its bound only when none of them has been heard', () => {
    for (let i = 0; i < MAX_SIGNALS; i++) expect(signal(`s${i}`, true)).toBe(true);
    expect(signal('more', true)).toBe(true);
    ring = new InputRing();
    owner.open = false;
    for (let i = 0; i < MAX_SIGNALS; i++) expect(signal(`s${i}`)).toBe(true);
    expect(signal('more')).toBe(false);
  });

  it('lets nothing overtake media that the channel still has, and does not fill it', () => {
    owner.queuedMediaBytes = 1;
    signal('start', true);
    speech(1);
    expect(owner.items).toEqual([]);
    owner.queuedMediaBytes = 0;
    expect(ring.feed(owner)).toBe(true);
    owner.queuedMediaBytes = 70_000;
    speech(2);
    expect(ring.feed(owner)).toBe(false);
    owner.queuedMediaBytes = 1;
    expect(ring.feed(owner)).toBe(true);
    expect(owner.items).toEqual(['start', '#1', '#2']);
  });
});
