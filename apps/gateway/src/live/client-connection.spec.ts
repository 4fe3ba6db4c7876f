import { ParleyError, silentLog } from '@parley/kernel';
import { Metrics } from '@parley/telemetry';
import {
  DOWN_KIND,
  encodeDownControl,
  encodeFrame,
  FRAME_CODEC,
  FRAME_KIND,
  type DownKind,
  type MediaFrame,
} from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import { describe, expect, it } from 'vitest';
import { ClientConnection } from './client-connection.js';
import type { ClientTransport } from './client-transport.js';

const GRANT = { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', runConfig: {} };

class RecordingTransport implements ClientTransport {
  readonly kind = 'websocket';
  readonly sent: string[] = [];
  readonly frames: Uint8Array[] = [];
  closed: { code: number; reason: string } | undefined;

  sendText(json: string): void {
    this.sent.push(json);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    this.frames.push(bytes);
    this.sent.push(`frame of turn ${bytes[7] ?? 0}`);
    onLeft();
  }

  backlog = 0;

  bufferedBytes(): number {
    return this.backlog;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  listen(): void {
    return;
  }

  codes(): unknown[] {
    return this.sent
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text) as { error?: { code?: string; fatal?: boolean } })
      .flatMap((message) => (message.error ? [message.error.code] : []));
  }
}

interface Rig {
  readonly clock: ManualClock;
  readonly transport: RecordingTransport;
  readonly connection: ClientConnection;
  readonly pair: ChannelPair;
  readonly metrics: Metrics;
  readonly up: { readonly control: string[]; readonly media: number[] };
  down(kind: DownKind, turn: number, json?: object): Promise<void>;
  audio(turn: number): Promise<void>;
}

async function rig(options: { live?: boolean; refuse?: ParleyError } = {}): Promise<Rig> {
  const clock = new ManualClock();
  const pair = channelPair({ clock });
  const transport = new RecordingTransport();
  const metrics = new Metrics(
    [
      'live_protocol_errors_total',
      'live_interruption_stale_frames_total',
      'live_first_audio_seconds',
      'live_interruptions_total',
    ],
    { defaults: false },
  );
  const connection = new ClientConnection(transport, {
    opener: {
      open: async (token) => {
        if (options.refuse) throw options.refuse;
        if (token !== 'good') throw new ParleyError('unauthenticated', 'no', { kind: 'unauthenticated' });
        return { grant: GRANT, liveId: 'live_1', channel: pair.gateway };
      },
    },
    metrics,
    clock,
    log: silentLog,
  });
  const up = { control: [] as string[], media: [] as number[] };
  pair.worker.listen({
    onControl: (bytes) => up.control.push(new TextDecoder().decode(bytes)),
    onMedia: (frame) => up.media.push(frame.byteLength),
    onClose: () => undefined,
  });
  if (options.live ?? true) {
    connection.onText('{"type":"hello","token":"good"}');
    await clock.advance(1);
  }
  return {
    clock,
    transport,
    connection,
    pair,
    metrics,
    up,
    async down(kind, turn, json = {}) {
      pair.worker.sendControl(encodeDownControl({ kind, turn, json: JSON.stringify(json) }));
      await clock.advance(1);
    },
    async audio(turn) {
      pair.worker.sendMedia(
        encodeFrame({ ...MIC, kind: FRAME_KIND.model, codec: FRAME_CODEC.pcm16at24k, turn }),
        turn,
      );
      await clock.advance(1);
    },
  };
}

const MIC: MediaFrame = {
  kind: FRAME_KIND.mic,
  codec: FRAME_CODEC.pcm16at16k,
  flags: 0,
  turn: 0,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(1_280).fill(60),
};

describe('ClientConnection', () => {
  it('ends a connection that does not say hello in time', async () => {
    const { clock, transport } = await rig({ live: false });
    await clock.advance(10_000);
    expect(transport.codes()).toEqual(['hello_timeout']);
    expect(transport.closed?.code).toBe(4408);
  });

  it('ends a connection whose token is refused, with the code of the table', async () => {
    const { clock, transport, connection } = await rig({ live: false });
    connection.onText('{"type":"hello","token":"bad"}');
    await clock.advance(1);
    expect(transport.codes()).toEqual(['unauthenticated']);
    expect(transport.closed?.code).toBe(4401);
  });

  it('says when there is no room, and closes with 4503', async () => {
    const refuse = new ParleyError('capacity_exhausted', 'full', { retryable: true, retryAfterMs: 2_000 });
    const { transport } = await rig({ refuse });
    expect(JSON.parse(transport.sent[0] ?? '{}')).toMatchObject({
      error: { retryAfterMs: 2_000, fatal: true },
    });
    expect(transport.closed?.code).toBe(4503);
  });

  it('answers bad messages with their code and goes on', async () => {
    const { clock, transport, connection, up } = await rig();
    connection.onText('{"type":');
    connection.onText('{"type":"dance"}');
    connection.onText('{"type":"text"}');
    connection.onText('{"type":"audio","mimeType":"audio/pcm;rate=44100","data":"AAAA"}');
    connection.onBinary(new Uint8Array(3));
    connection.onBinary(encodeFrame({ ...MIC, payload: new Uint8Array(1_281) }));
    connection.onBinary(encodeFrame({ ...MIC, codec: FRAME_CODEC.pcm16at24k }));
    connection.onBinary(encodeFrame({ ...MIC, payload: new Uint8Array(16_386) }));
    connection.onBinary(new Uint8Array(300_000));
    expect(transport.codes()).toEqual([
      'malformed_json',
      'unknown_type',
      'invalid_message',
      'unsupported_audio',
      'malformed_frame',
      'malformed_frame',
      'unsupported_audio',
      'frame_too_large',
      'frame_too_large',
    ]);
    expect(transport.closed).toBeUndefined();
    connection.onText('{"type":"text","text":"hi"}');
    await clock.advance(1);
    expect(up.control).toEqual(['{"type":"text","text":"hi"}']);
  });

  it('names the message that an error answers', async () => {
    const { transport, connection } = await rig();
    connection.onText('{"type":"audio","id":"m7","mimeType":"audio/ogg","data":"AAAA"}');
    expect(JSON.parse(transport.sent[0] ?? '{}')).toMatchObject({ error: { ref: 'm7', fatal: false } });
  });

  it('passes speech and images up, base64 or not', async () => {
    const { clock, connection, up } = await rig();
    connection.onBinary(encodeFrame(MIC));
    connection.onText(JSON.stringify({ type: 'audio', data: Buffer.alloc(640).toString('base64') }));
    connection.onText(JSON.stringify({ type: 'image', mimeType: 'image/jpeg', data: 'AAAA' }));
    await clock.advance(1);
    expect(up.media).toEqual([1_296, 656, 19]);
  });

  it('refuses what comes over the allowance, and recovers', async () => {
    const { clock, transport, connection } = await rig();
    for (let i = 0; i < 130; i++) connection.onText('{"type":"ping"}');
    expect(transport.codes().filter((code) => code === 'rate_limited').length).toBeGreaterThan(0);
    await clock.advance(1_000);
    const before = transport.codes().length;
    connection.onText('{"type":"ping"}');
    expect(transport.codes()).toHaveLength(before);
  });

  it('never lets audio of an interrupted turn follow the interruption (I10)', async () => {
    const { transport, metrics, audio, down } = await rig();
    await audio(1);
    await down(DOWN_KIND.interrupted, 1, { type: 'event' });
    await audio(1);
    await audio(2);
    expect(transport.sent.filter((text) => text.startsWith('frame'))).toEqual([
      'frame of turn 1',
      'frame of turn 2',
    ]);
    expect((await metrics.expose()).body).toContain('live_interruption_stale_frames_total 1');
  });

  it('measures the first audio of a turn from the end of the input', async () => {
    const { clock, transport, connection, metrics, audio } = await rig();
    connection.onText('{"type":"text","text":"hi"}');
    await clock.advance(500);
    await audio(1);
    await audio(1);
    const told = transport.sent.filter((text) => text.includes('"latency"'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] ?? '{}')).toMatchObject({ turn: 1, trigger: 'text', firstAudioMs: 500 });
    expect((await metrics.expose()).body).toContain('trigger="text"} 1');
  });

  it('passes the end of the run on, then closes', async () => {
    const { transport, down } = await rig();
    await down(DOWN_KIND.ended, 0, { type: 'ended', reason: 'agent' });
    expect(transport.sent).toEqual(['{"type":"ended","reason":"agent"}']);
    expect(transport.closed?.code).toBe(1000);
  });

  it('says that the worker is lost when its link breaks', async () => {
    const { clock, transport, pair } = await rig();
    pair.cut();
    await clock.advance(1);
    expect(transport.codes()).toEqual(['worker_lost']);
    expect(transport.closed?.code).toBe(4500);
  });

  it('lets go of a client that does not read', async () => {
    const { transport, down } = await rig();
    transport.backlog = 800 * 1_024;
    await down(DOWN_KIND.message, 0, { type: 'event' });
    expect(transport.codes()).toEqual(['slow_consumer']);
    expect(transport.closed?.code).toBe(4413);
  });

  it('ends the run when the client goes', async () => {
    const { clock, connection, pair } = await rig();
    connection.onClosed();
    await clock.advance(1);
    expect(pair.worker.outcome).toBe('ended');
  });
});
