import { ParleyError, silentLog } from '@parley/kernel';
import { InMemorySessionService, LlmAgent } from '@parley/live';
import type { SessionDirectory } from '@parley/placement';
import { Metrics } from '@parley/telemetry';
import { decodeDownControl, encodeRelayOpen } from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { ScriptedLiveModel } from '@parley-testing/live';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import { describe, expect, it } from 'vitest';
import { SessionHost } from './session-host.js';

const PAYLOAD = encodeRelayOpen({
  tenantId: 't',
  appName: 'greeter',
  userId: 'u',
  sessionId: 's',
  liveId: 'live_1',
  runConfig: {},
});

class Directory implements Pick<SessionDirectory, 'activate' | 'release' | 'reassert'> {
  readonly released: string[] = [];
  away = false;
  /** Releases wait for it. */
  gate: Promise<void> | undefined;

  async activate(): Promise<'active'> {
    return 'active';
  }

  async release(liveId: string): Promise<'released'> {
    await this.gate;
    if (this.away) throw new ParleyError('control_plane_unavailable', 'away');
    this.released.push(liveId);
    return 'released';
  }

  async reassert(): Promise<'active'> {
    return 'active';
  }
}

interface Rig {
  readonly clock: ManualClock;
  readonly model: ScriptedLiveModel;
  readonly directory: Directory;
  readonly host: SessionHost;
  open(): Promise<{ pair: ChannelPair; said: string[] }>;
}

function rig(): Rig {
  const clock = new ManualClock();
  const model = new ScriptedLiveModel();
  const directory = new Directory();
  const host = new SessionHost({
    agents: new Map([['greeter', new LlmAgent({ name: 'greeter', instruction: 'Greet.' })]]),
    model,
    sessions: new InMemorySessionService(),
    toolJobs: { run: () => Promise.reject(new Error('none')), close: async () => undefined },
    directory: directory as unknown as SessionDirectory,
    metrics: new Metrics(['live_session_ends_total'], { defaults: false }),
    clock,
    log: silentLog,
  });
  return {
    clock,
    model,
    directory,
    host,
    async open() {
      const pair = channelPair({ clock });
      const said: string[] = [];
      pair.gateway.listen({
        onControl: (bytes) => said.push(decodeDownControl(bytes)?.json ?? ''),
        onMedia: (frame) => {
          said.push(`frame of ${frame.byteLength}`);
          pair.gateway.grantMedia(frame.byteLength);
        },
        onClose: (outcome) => said.push(`closed: ${outcome}`),
      });
      await host.open(pair.worker, PAYLOAD);
      await clock.advance(5);
      return { pair, said };
    },
  };
}

describe('SessionHost', () => {
  it('runs a live run once, however many open it at the same time (I1)', async () => {
    const { host, model, open } = rig();
    const [first, second] = await Promise.all([open(), open()]);
    expect(model.connections).toHaveLength(1);
    const superseded = [first, second].filter(({ said }) => said.at(-1) === 'closed: superseded');
    const ready = [first, second].filter(({ said }) => said.at(-1)?.includes('"type":"ready"'));
    expect([superseded.length, ready.length]).toEqual([1, 1]);
    await host.close('drain');
  });

  it('gives what the model said to the client before it tells that the run is over (I9)', async () => {
    const { clock, model, open } = rig();
    const { said } = await open();
    const second = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(48_000) } };
    for (let n = 0; n < 5; n++) model.connection.say({ parts: [second] });
    model.connection.say({ outputTranscription: { text: 'all of it', finished: true }, turnComplete: true });
    model.connection.end({
      kind: 'fatal',
      errorCode: 'provider_unavailable',
      closeCode: 1011,
      reason: 'gone',
    });
    await clock.advance(10_000);
    expect(said.filter((line) => line.startsWith('frame'))).toHaveLength(5);
    expect(said.join()).toContain('all of it');
    expect(said.slice(-2)).toEqual(['{"type":"ended","reason":"provider"}', 'closed: ended']);
  });

  it('sends whoever comes while a run ends to be placed anew', async () => {
    const { clock, directory, host, model, open } = rig();
    const { pair } = await open();
    let release: () => void = () => undefined;
    directory.gate = new Promise((resolve) => (release = resolve));
    pair.gateway.close('ended');
    await clock.advance(5);
    const late = expect(open()).rejects.toMatchObject({ code: 'worker_lost', retryable: true });
    await clock.advance(5);
    release();
    await late;
    expect(model.connections).toHaveLength(1);
    expect(directory.released).toEqual(['live_1']);
    await host.close('drain');
    await expect(open()).rejects.toMatchObject({ code: 'worker_lost' });
  });

  it('gives a slot back later when it can not at once', async () => {
    const { clock, directory, open } = rig();
    const { pair } = await open();
    directory.away = true;
    pair.gateway.close('ended');
    await clock.advance(5_000);
    expect(directory.released).toEqual([]);
    directory.away = false;
    await clock.advance(2_000);
    expect(directory.released).toEqual(['live_1']);
  });
});
