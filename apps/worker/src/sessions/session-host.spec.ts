import { ParleyError, silentLog } from '@parley/kernel';
import { InMemoryArtifactService, InMemorySessionService, LlmAgent } from '@parley/live';
import { InMemoryRunJournal, type SessionDirectory } from '@parley/placement';
import { Metrics } from '@parley/telemetry';
import { decodeDownControl, encodeRelayOpen } from '@parley/wire';
import { ManualClock } from '@parley-testing/kernel';
import { ScriptedLiveModel } from '@parley-testing/live';
import { channelPair, type ChannelPair } from '@parley-testing/relay';
import { describe, expect, it } from 'vitest';
import { AesResumptionSeal } from '../models/aes-resumption-seal.js';
import { SessionHost, type SessionHostOptions } from './session-host.js';

const SESSION = { tenantId: 't', appName: 'greeter', userId: 'u', sessionId: 's' };
const SEAL = new AesResumptionSeal('a secret of at least thirty-two characters');

class Directory implements Pick<SessionDirectory, 'activate' | 'release' | 'reassert' | 'find'> {
  readonly activated: string[] = [];
  readonly released: string[] = [];
  away = false;
  /** Releases wait for it. */
  gate: Promise<void> | undefined;

  async activate(liveId: string): Promise<'active'> {
    this.activated.push(liveId);
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

  async find(): Promise<undefined> {
    return undefined;
  }
}

interface Rig {
  readonly clock: ManualClock;
  readonly model: ScriptedLiveModel;
  readonly directory: Directory;
  readonly host: SessionHost;
  open(
    runConfig?: Readonly<Record<string, unknown>>,
    epoch?: number,
  ): Promise<{ pair: ChannelPair; said: string[] }>;
}

function rig(options: { readonly artifacts?: SessionHostOptions['artifacts'] & object } = {}): Rig {
  const clock = new ManualClock();
  const model = new ScriptedLiveModel();
  const directory = new Directory();
  const host = new SessionHost({
    workerId: 'w1',
    agents: new Map([['greeter', new LlmAgent({ name: 'greeter', instruction: 'Greet.' })]]),
    model,
    sessions: new InMemorySessionService(),
    seal: SEAL,
    toolJobs: {
      run: () => Promise.reject(new Error('none')),
      cancel: async () => undefined,
      close: async () => undefined,
    },
    directory: directory as unknown as SessionDirectory,
    journal: new InMemoryRunJournal(clock),
    move: async () => ({ kind: 'full' }),
    detachWindowMs: 120_000,
    drainMs: 20_000,
    mayLeave: () => true,
    metrics: new Metrics(['live_session_ends_total'], { defaults: false }),
    clock,
    log: silentLog,
    ...options,
  });
  return {
    clock,
    model,
    directory,
    host,
    async open(runConfig = {}, epoch = 1) {
      const pair = channelPair({ clock, epoch });
      const said: string[] = [];
      pair.gateway.listen({
        onControl: (bytes) => {
          const { json = '' } = decodeDownControl(bytes) ?? {};
          if (json !== '') said.push(json);
        },
        onMedia: (frame) => {
          said.push(`frame of ${frame.byteLength}`);
          pair.gateway.grantMedia(frame.byteLength);
        },
        onClose: (outcome) => said.push(`closed: ${outcome}`),
      });
      await host.open(pair.worker, encodeRelayOpen({ ...SESSION, liveId: 'live_1', runConfig }));
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
    await host.dropAll();
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
    expect(said.filter((line) => line.startsWith('frame'))).toHaveLength(50);
    expect(said.join()).toContain('all of it');
    expect(said.slice(-2)).toEqual(['{"type":"ended","reason":"provider"}', 'closed: ended']);
  });

  it('tells the last words to who hangs up, not the audio that nobody will hear', async () => {
    const { clock, model, open } = rig();
    const { pair, said } = await open();
    const second = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(48_000) } };
    for (let n = 0; n < 5; n++) model.connection.say({ parts: [second] });
    model.connection.say({ outputTranscription: { text: 'all of it', finished: true } });
    await clock.advance(5);
    pair.gateway.sendControl(new TextEncoder().encode('{"type":"end"}'));
    await clock.advance(1_000);
    expect(said.filter((line) => line.startsWith('frame')).length).toBeLessThan(50);
    expect(said.at(-3)).toContain('all of it');
    expect(said.slice(-2)).toEqual(['{"type":"ended","reason":"client"}', 'closed: ended']);
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
    await host.drain();
    await expect(open()).rejects.toMatchObject({ code: 'draining', retryable: true });
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

  it('takes a run that came back with a later epoch, when what it was here before is over', async () => {
    const { clock, model, host, open } = rig();
    await open({}, 1);
    const opening = open({}, 2);
    await clock.advance(1_000);
    const { said } = await opening;
    await clock.advance(1_000);
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ type: 'ready' });
    expect(model.connections.map((connection) => connection.closed)).toEqual([true, false]);
    await host.dropAll();
    expect(model.connection.closed).toBe(true);
  });

  it('tells what keeps a run from starting once, as an error, and as no event', async () => {
    const { clock, model, open } = rig();
    model.refuseWith = new ParleyError('provider_config', 'proactivity.proactiveAudio is not supported.', {
      kind: 'invalid_argument',
      details: { field: 'proactivity.proactiveAudio' },
    });
    const { said } = await open({ proactivity: { proactiveAudio: true } });
    await clock.advance(5);
    expect(said).toHaveLength(2);
    expect(JSON.parse(said[0] ?? '')).toMatchObject({
      type: 'error',
      error: {
        code: 'provider_config',
        message: 'proactivity.proactiveAudio is not supported.',
        details: { field: 'proactivity.proactiveAudio' },
        fatal: true,
      },
    });
    expect(said[1]).toBe('closed: ended');
  });

  it('tells of a model that is lost for good by one event, and why the call ended', async () => {
    const { clock, model, open } = rig();
    const { said } = await open();
    const from = said.length;
    model.connection.end({ kind: 'fatal', errorCode: 'provider_quota', closeCode: 1011, reason: 'spent' });
    await clock.advance(1_000);
    expect(said.slice(from)).toEqual([
      expect.stringContaining('"errorCode":"provider_quota"'),
      '{"type":"ended","reason":"provider"}',
      'closed: ended',
    ]);
  });

  it.each([
    ['turns', { maxTurns: 1 }, 'max_turns', 'max'],
    ['tokens', { maxTokens: 10 }, 'budget_spent', 'max'],
    ['duration', { maxDurationMs: 5_000 }, 'max_duration', 'max'],
    ['patience', { idleTimeoutMs: 5_000 }, 'idle_timeout', 'idle'],
  ])('ends a call that has used up its %s, and says so', async (_, runConfig, code, reason) => {
    const { clock, model, open } = rig();
    const { said } = await open(runConfig);
    model.connection.say({ outputTranscription: { text: 'Hi.', finished: true }, turnComplete: true });
    model.connection.say({ usageMetadata: { totalTokenCount: 10 } });
    await clock.advance(6_000);
    expect(said.filter((line) => line.includes('"errorCode"'))).toEqual([
      expect.stringContaining(`"errorCode":"${code}"`),
    ]);
    expect(said.slice(-2)).toEqual([`{"type":"ended","reason":"${reason}"}`, 'closed: ended']);
  });

  it('refuses to save what is said where there is no place for files, and names the setting', async () => {
    const { directory, model, open } = rig();
    await expect(open({ saveLiveBlob: true })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('PARLEY_ARTIFACTS_DIR') as string,
    });
    expect([directory.activated, model.configs]).toEqual([[], []]);
  });

  it('saves what is said where there is one', async () => {
    const artifacts = new InMemoryArtifactService();
    const { clock, model, open } = rig({ artifacts });
    await open({ saveLiveBlob: true });
    const blob = { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(4_800) };
    model.connection.say({ parts: [{ inlineData: blob }] });
    model.connection.say({ turnComplete: true });
    await clock.advance(1_000);
    expect(await artifacts.listArtifactKeys(SESSION)).toEqual([
      expect.stringMatching(/output_audio_.*\.wav$/),
    ]);
  });

  it('takes up what it sealed for the session, and refuses what it sealed for another', async () => {
    const { clock, model, open } = rig();
    const { pair, said } = await open();
    model.connection.say({ sessionResumptionUpdate: { newHandle: 'raw-handle', resumable: true } });
    await clock.advance(5);
    const told = said.find((line) => line.includes('"liveSessionResumptionUpdate"')) ?? '';
    expect(told).not.toContain('raw-handle');
    const [, token = ''] = /"newHandle":"([^"]+)"/.exec(told) ?? [];
    pair.gateway.close('ended');
    await clock.advance(1_000);
    const again = await open({ sessionResumption: { handle: token } });
    expect(model.configs.at(-1)?.sessionResumption).toEqual({ handle: 'raw-handle' });
    again.pair.gateway.close('ended');
    await clock.advance(1_000);
    const foreign = SEAL.seal('raw-handle', { ...SESSION, tenantId: 'other' });
    const refused = await open({ sessionResumption: { handle: foreign } });
    expect(refused.said).toEqual([expect.stringContaining('"code":"invalid_config"'), 'closed: ended']);
    expect(model.configs).toHaveLength(2);
  });
});
