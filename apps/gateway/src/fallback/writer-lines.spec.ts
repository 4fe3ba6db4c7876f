import { ParleyError } from '@parley/kernel';
import type { FoundRun } from '@parley/placement';
import type { OpenOptions } from '@parley/relay';
import type { ResumeGrant } from '@parley/tenancy';
import { decodeRelayOpen, encodeFrame, FRAME_CODEC, FRAME_KIND } from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import { describe, expect, it } from 'vitest';
import { WRITER_IDLE_MS, WriterLines } from './writer-lines.js';

const OLD_PLACE = { workerId: 'w-1', incarnation: 'i-1', address: 'old:1', epoch: 5 };
const RESUME: ResumeGrant = {
  grant: { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', runConfig: {} },
  liveId: 'live_1',
  attach: 3,
  ...OLD_PLACE,
};
const FRAME = encodeFrame({
  kind: FRAME_KIND.mic,
  codec: FRAME_CODEC.pcm16at16k,
  flags: 0,
  turn: 0,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(1_280),
});

interface Rig {
  readonly clock: ManualClock;
  readonly lines: WriterLines;
  readonly opened: OpenOptions[];
  readonly heard: string[];
  pair: ChannelPair | undefined;
}

function rig(find: () => Promise<FoundRun | undefined>): Rig {
  const clock = new ManualClock();
  const made: Rig = {
    clock,
    opened: [],
    heard: [],
    pair: undefined,
    lines: new WriterLines({
      clock,
      tokens: {
        open: async (token) => {
          if (token === 'good') return RESUME;
          throw new ParleyError('unauthenticated', 'no', { kind: 'unauthenticated' });
        },
      },
      directory: { find },
      relay: {
        open: async (options) => {
          made.opened.push(options);
          const pair = channelPair({ clock });
          made.pair = pair;
          pair.worker.listen({
            onControl: (bytes) => made.heard.push(new TextDecoder().decode(bytes)),
            onMedia: (frame) => made.heard.push(`${frame.byteLength} bytes`),
            onClose: (outcome) => made.heard.push(outcome),
          });
          return pair.gateway;
        },
      },
    }),
  };
  return made;
}

const here = async (): Promise<FoundRun> => ({
  ...OLD_PLACE,
  liveId: 'live_1',
  address: 'new:1',
  epoch: 6,
  state: 'active',
});

describe('a line that only writes', () => {
  it('takes posts to the worker that has the run now, over one channel, beside the owner', async () => {
    const { lines, clock, opened, heard } = rig(here);
    const [answers] = await Promise.all([
      lines.post('good', [
        { json: '{"type":"activityStart"}' },
        { frame: FRAME },
        { json: '{"type":"ping","t":7}' },
      ]),
      lines.post('good', [{ json: '{"type":"text","text":"Hi","id":"1"}' }]),
    ]);
    await clock.advance(10);
    expect(answers).toEqual([{ type: 'pong', t: 7 }]);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({ address: 'new:1', epoch: 6, liveId: 'live_1' });
    expect(decodeRelayOpen(opened[0]?.payload ?? FRAME)).toMatchObject({ role: 'writer', after: 3 });
    expect(heard.toSorted()).toEqual(
      [
        '{"type":"activityStart"}',
        '{"type":"text","text":"Hi","id":"1"}',
        `${FRAME.byteLength} bytes`,
      ].toSorted(),
    );
  });

  it('goes where the token says while Redis is away', async () => {
    const { lines, opened } = rig(async () => {
      throw new ParleyError('control_plane_unavailable', 'away', { kind: 'unavailable' });
    });
    await lines.post('good', []);
    expect(opened[0]).toMatchObject({ address: 'old:1', epoch: 5 });
  });

  it('is given back when nothing is written, and dialled anew after it was lost', async () => {
    const made = rig(here);
    await made.lines.post('good', []);
    await made.clock.advance(WRITER_IDLE_MS - 1);
    await made.lines.post('good', []);
    await made.clock.advance(WRITER_IDLE_MS - 1);
    expect(made.heard).toEqual([]);
    await made.clock.advance(1);
    expect(made.heard).toEqual(['detached']);
    await made.lines.post('good', []);
    made.pair?.cut();
    await made.clock.advance(1);
    await made.lines.post('good', []);
    expect(made.opened).toHaveLength(3);
    made.lines.close();
  });

  it('refuses a stranger, a call that is over, and a post with something wrong in it, of which nothing is sent', async () => {
    const over = rig(async () => undefined);
    await expect(over.lines.post('bad', [])).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(over.lines.post('good', [])).rejects.toMatchObject({ code: 'session_not_found' });
    const { lines, heard, opened } = rig(here);
    const text = { json: '{"type":"interrupt"}' };
    await expect(lines.post('good', [text, { json: '{' }])).rejects.toMatchObject({ code: 'malformed_json' });
    await expect(lines.post('good', [text, { frame: FRAME.subarray(0, 17) }])).rejects.toMatchObject({
      code: 'malformed_frame',
    });
    const hello = { json: '{"type":"hello","token":"t"}' };
    await expect(lines.post('good', [text, hello])).rejects.toMatchObject({ code: 'invalid_message' });
    expect([heard, opened]).toEqual([[], []]);
  });
});
