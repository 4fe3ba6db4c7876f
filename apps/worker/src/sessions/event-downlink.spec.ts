import { NO_ACTIONS, type Event } from '@parley/event';
import { decodeDownControl, decodeFrame, DOWN_KIND } from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { DownlinkPacer } from './downlink-pacer.js';
import { EventDownlink, type NumbersFrom } from './event-downlink.js';

const event = (draft: Partial<Event>): Event => ({
  id: 'x',
  invocationId: 'e',
  author: 'agent',
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const audio = (ms: number): Event =>
  event({
    content: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(ms * 48) } }] },
  });

function downlink(from?: NumbersFrom): {
  clock: ManualClock;
  deliver: (event: Event) => void;
  out: string[];
  seqs: number[];
  ids: string[];
} {
  const clock = new ManualClock();
  const out: string[] = [];
  const seqs: number[] = [];
  const ids: string[] = [];
  const pacer = new DownlinkPacer(clock, ({ bytes, turn }) => {
    const decoded = decodeFrame(bytes);
    out.push(typeof decoded === 'string' ? decoded : `audio ${turn}.${decoded.seq} @${decoded.tsMs}`);
  });
  const under = new EventDownlink(
    pacer,
    {
      message: (seq, bytes) => {
        const control = decodeDownControl(bytes);
        const message = JSON.parse(control?.json ?? '{}') as { seq: number };
        expect([message.seq, control?.seq]).toEqual([seq, seq]);
        seqs.push(seq);
        ids.push(control?.id ?? '');
        out.push(
          control?.kind === DOWN_KIND.interrupted
            ? 'interrupted'
            : control?.kind === DOWN_KIND.turnComplete
              ? 'end'
              : 'message',
        );
      },
      purgeMedia: (throughTurn) => out.push(`purge ${throughTurn}`),
    },
    from,
  );
  return { clock, deliver: (each) => under.deliver(each), out, seqs, ids };
}

describe('EventDownlink', () => {
  it('numbers frames within their turn and control messages within the run', async () => {
    const { clock, deliver, out, seqs } = downlink();
    deliver(audio(100));
    deliver(audio(100));
    deliver(event({ turnComplete: true }));
    deliver(audio(40));
    await clock.advance(1_000);
    expect(out).toEqual(['audio 1.0 @0', 'audio 1.1 @100', 'end', 'audio 2.0 @0']);
    deliver(event({ usageMetadata: {} }));
    expect(seqs).toEqual([1, 2]);
  });

  it('goes on with the numbers of another owner', async () => {
    const { clock, deliver, out, seqs } = downlink({ seq: 41, turn: 7, turnOpen: true });
    deliver(event({ interrupted: true }));
    deliver(audio(40));
    await clock.advance(10);
    expect(out).toEqual(['purge 7', 'interrupted', 'audio 8.0 @0']);
    expect(seqs).toEqual([42]);
  });

  it('names the stored event in a message, and no delta', () => {
    const { deliver, ids } = downlink();
    deliver(event({ id: 'evt_1', inputTranscription: { text: 'Hel', finished: false }, partial: true }));
    deliver(event({ id: 'evt_2', inputTranscription: { text: 'Hello', finished: true } }));
    expect(ids).toEqual(['', 'evt_2']);
  });

  it('drops the audio before it tells of an interruption, and sends none of that turn afterwards (I10)', async () => {
    const { clock, deliver, out } = downlink();
    for (let i = 0; i < 40; i++) deliver(audio(100));
    deliver(event({ interrupted: true }));
    deliver(event({ turnComplete: true }));
    await clock.advance(10_000);
    const at = out.indexOf('interrupted');
    expect(out[at - 1]).toBe('purge 1');
    expect(out.slice(at).some((line) => line.startsWith('audio 1.'))).toBe(false);
  });

  it('keeps the end of a turn behind its audio', async () => {
    const { clock, deliver, out } = downlink();
    for (let i = 0; i < 30; i++) deliver(audio(100));
    deliver(event({ turnComplete: true }));
    expect(out).not.toContain('end');
    await clock.advance(5_000);
    expect(out.at(-1)).toBe('end');
  });
});
