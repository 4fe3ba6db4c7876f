import { ParleyError } from '@parley/kernel';
import { DOWN_KIND, encodeFrame, FRAME_CODEC, type DownKind } from '@parley/wire';
import type { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { CallOpener } from './call-opener.js';
import { ClientConnection } from './client-connection.js';
import { GatewayRig, GRANT, MIC } from './testing/gateway-rig.js';
import { RecordingTransport } from './testing/recording-transport.js';

interface Rig {
  readonly gateway: GatewayRig;
  readonly clock: ManualClock;
  readonly transport: RecordingTransport;
  readonly connection: ClientConnection;
  down(kind: DownKind, turn: number, json?: object): Promise<void>;
  audio(turn: number): Promise<void>;
}

async function rig(options: { live?: boolean; refuse?: ParleyError } = {}): Promise<Rig> {
  const gateway = new GatewayRig();
  const { clock, metrics, log } = gateway;
  const transport = new RecordingTransport();
  const opener = new CallOpener({
    ...gateway.parts,
    tokens: {
      issue: async () => 'good',
      verify: async (token) => {
        if (options.refuse) throw options.refuse;
        if (token === 'good') return GRANT;
        throw new ParleyError('unauthenticated', 'no', { kind: 'unauthenticated' });
      },
    },
  });
  const connection = new ClientConnection(transport, {
    opener,
    resumeTokens: gateway.parts.resumeTokens,
    detachWindowMs: 120_000,
    metrics,
    clock,
    log,
  });
  if (options.live ?? true) {
    connection.onText('{"type":"hello","token":"good"}');
    await clock.advance(1);
  }
  return {
    gateway,
    clock,
    transport,
    connection,
    async down(kind, turn, json = {}) {
      gateway.worker.down({ kind, turn }, json);
      await clock.advance(1);
    },
    async audio(turn) {
      gateway.worker.audio(turn);
      await clock.advance(1);
    },
  };
}

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
    const { clock, transport, connection, gateway } = await rig();
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
    expect(gateway.worker.up).toEqual([expect.stringMatching(/^{"type":"text","text":"hi","id":"g-1-/)]);
  });

  it('names the message that an error answers', async () => {
    const { transport, connection } = await rig();
    connection.onText('{"type":"audio","id":"m7","mimeType":"audio/ogg","data":"AAAA"}');
    expect(JSON.parse(transport.sent[0] ?? '{}')).toMatchObject({ error: { ref: 'm7', fatal: false } });
  });

  it('passes speech and images up, base64 or not', async () => {
    const { clock, connection, gateway } = await rig();
    connection.onBinary(encodeFrame(MIC));
    connection.onText(JSON.stringify({ type: 'audio', data: Buffer.alloc(640).toString('base64') }));
    connection.onText(JSON.stringify({ type: 'image', mimeType: 'image/jpeg', data: 'AAAA' }));
    await clock.advance(1);
    expect(gateway.worker.up).toEqual([1_296, 656, 19]);
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
    const { gateway, transport, audio, down } = await rig();
    await audio(1);
    await down(DOWN_KIND.interrupted, 1, { type: 'event' });
    await audio(1);
    await audio(2);
    expect(transport.sent.filter((text) => text.startsWith('frame'))).toEqual([
      'frame of turn 1',
      'frame of turn 2',
    ]);
    expect(await gateway.text('live_interruption_stale_frames_total')).toMatch(/ 1$/);
  });

  it('measures the first audio of a turn from the end of the input', async () => {
    const { gateway, clock, transport, connection, audio } = await rig();
    connection.onText('{"type":"text","text":"hi"}');
    await clock.advance(500);
    await audio(1);
    await audio(1);
    const told = transport.sent.filter((text) => text.includes('"latency"'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] ?? '{}')).toMatchObject({ turn: 1, trigger: 'text', firstAudioMs: 500 });
    expect(await gateway.text('live_first_audio_seconds_count')).toContain('trigger="text"} 1');
  });

  it('passes the end of the run on, then closes', async () => {
    const { transport, down } = await rig();
    await down(DOWN_KIND.ended, 0, { type: 'ended', reason: 'agent' });
    expect(transport.sent).toEqual(['{"type":"ended","reason":"agent"}']);
    expect(transport.closed?.code).toBe(1000);
  });

  it('lets go of a client that does not read', async () => {
    const { transport, down } = await rig();
    transport.backlog = 800 * 1_024;
    await down(DOWN_KIND.message, 0, { type: 'event' });
    expect(transport.codes()).toEqual(['slow_consumer']);
    expect(transport.closed?.code).toBe(4413);
  });

  it('ends the run when the client says goodbye, and lets it wait when the client is lost', async () => {
    for (const how of ['done', 'lost'] as const) {
      const { clock, connection, gateway } = await rig();
      connection.onClosed(how);
      await clock.advance(1);
      expect(gateway.worker.pair.worker.outcome).toBe(how === 'done' ? 'ended' : 'detached');
    }
  });
});
