import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startEmulator,
  type EmulatorOptions,
  type ResumptionStore,
  type SessionSnapshot,
} from '@parley/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Looks like no key that a pattern would know. */
const KEY = 'planted-0123456789-of-nobody';
const FAST = { thinkMs: 20, thinkJitterMs: 0, turnEnds: 'immediate', speed: 6 } as const;

interface Found {
  readonly name: string;
  readonly verdict: string;
  readonly says: string;
  readonly openPoint?: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

interface Outcome {
  readonly code: number | null;
  readonly printed: string;
  readonly markdown: string;
  readonly json: string;
  readonly checks: readonly Found[];
}

describe('npm run verify:gemini', () => {
  let folder: string;
  const endings: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-verify-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  /** Runs the built program with nothing in its environment but `env`. */
  async function verify(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const [report, json] = [join(folder, 'report.md'), join(folder, 'report.json')];
    const child = spawn(
      process.execPath,
      ['dist/verify-gemini.js', ...args, '--report', report, '--json', json],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    }
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
    const [markdown, text] = [await read(report), await read(json)];
    const checks = text === '' ? [] : (JSON.parse(text) as { checks: Found[] }).checks;
    return { code, printed, markdown, json: text, checks };
  }

  /** The program with a key, and an emulator where it believes Google to be. */
  async function verifyAt(options: EmulatorOptions, args: readonly string[]): Promise<Outcome> {
    const emulator = await startEmulator({ behaviour: FAST, ...options });
    endings.push(() => emulator.close());
    return verify(['--base-url', emulator.url, ...args], { GEMINI_API_KEY: KEY });
  }

  const verdicts = ({ checks }: Outcome): Record<string, string> =>
    Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));
  const saysOf = ({ checks }: Outcome, name: string): string =>
    checks.find((check) => check.name === name)?.says ?? '';

  it('asks everything of an emulator, which passes, and settles each open point', async () => {
    const outcome = await verify(['--emulator', '--wait-for-go-away']);
    expect(outcome.code, outcome.printed).toBe(0);
    expect(verdicts(outcome)).toEqual({
      'set-up': 'pass',
      'text-turn': 'pass',
      'usage-sums': 'pass',
      'spoken-turn': 'pass',
      transcriptions: 'pass',
      'audio-stream-end': 'pass',
      'manual-activity': 'pass',
      'seeded-history': 'pass',
      'history-config': 'observed',
      'tool-blocking': 'pass',
      'tool-when-idle': 'pass',
      'tool-interrupt': 'pass',
      'tool-silent': 'pass',
      'tool-parallel': 'pass',
      'interrupt-by-text': 'pass',
      'interrupt-by-content': 'pass',
      'interrupt-by-speech': 'pass',
      'cancellation-order': 'observed',
      'prefix-padding': 'observed',
      resumption: 'pass',
      'resumable-false': 'observed',
      'resumption-bad-handle': 'observed',
      'resumption-expired-handle': 'not applicable',
      rotation: 'pass',
      'rotation-while-speaking': 'observed',
      'cheap-masking': 'pass',
      'permessage-deflate': 'observed',
      'v1-endpoint': 'observed',
      'go-away': 'observed',
      'session-length': 'not applicable',
      'context-update': 'observed',
      'message-kinds': 'pass',
      'video-tokens': 'observed',
      'locked-token': 'observed',
      'wrong-model': 'pass',
      'wrong-voice': 'pass',
      'wrong-modality': 'pass',
      'activity-with-detection': 'observed',
    });
    expect(saysOf(outcome, 'cancellation-order')).toMatch(/^interrupted comes first/);
    expect(saysOf(outcome, 'v1-endpoint')).toContain('HTTP 404');
    expect(saysOf(outcome, 'permessage-deflate')).toBe('not accepted');
    expect(saysOf(outcome, 'resumption-bad-handle')).toContain('1008 "Requested entity was not found."');
    expect(saysOf(outcome, 'go-away')).toContain('1011 "Deadline expired before operation could complete."');
    expect(saysOf(outcome, 'context-update')).toContain('the new instruction holds');
    expect(saysOf(outcome, 'locked-token')).toBe('resumed, and it remembers');
    expect(saysOf(outcome, 'video-tokens')).toBe('258 tokens a frame');
    for (const { openPoint } of outcome.checks) {
      if (openPoint !== undefined) expect(outcome.markdown).toContain(`| ${openPoint} |`);
    }
  }, 180_000);

  it('says in two lines what it needs when there is no key', async () => {
    for (const args of [[], ['--vertex']]) {
      const { code, printed } = await verify(args);
      expect(code).toBe(78);
      expect(printed.trimEnd().split('\n')).toHaveLength(2);
      expect(printed).toContain(args.length === 0 ? 'GEMINI_API_KEY' : 'GOOGLE_CLOUD_PROJECT');
      expect(printed).toContain('--emulator');
    }
  });

  it('explains a wrong command line', async () => {
    for (const args of [['--checks', 'nonsense'], ['--loud']]) {
      const { code, printed } = await verify(args);
      expect(code, printed).toBe(64);
    }
    expect((await verify(['--list'])).printed).toContain('go-away');
  });

  it('shows no key, token, handle or query of an address, whatever the service says', async () => {
    const handles = new RememberedHandles();
    const resumption = { store: handles, secret: 'signs' };
    const asked = ['set-up', 'resumption', 'resumable-false', 'rotation', 'locked-token'].join(',');
    const good = await verifyAt({ resumption }, ['--checks', asked]);
    expect(good.code, good.printed).toBe(0);
    expect(handles.ids.length).toBeGreaterThan(3);
    const told = `bad key ${KEY} at wss://host/ws?key=${KEY}&alt=1`;
    const close = { kind: 'close', code: 1008, reason: told, afterAudio: 0 } as const;
    const echoed = await verifyAt({ faults: [{ fault: close }] }, ['--checks', 'text-turn']);
    expect(echoed.code).toBe(1);
    expect(saysOf(echoed, 'text-turn')).toContain('1008 "bad key *** at wss://host/ws?***');
    for (const { json, markdown, printed } of [good, echoed]) {
      for (const text of [json, markdown, printed]) {
        expect(text).not.toContain(KEY);
        expect(text).not.toContain(KEY.slice(0, 12));
        expect(text).not.toMatch(/auth_tokens\/[^*]/);
        expect(text).not.toMatch(/[?&](key|access_token|alt)=/);
        for (const id of handles.ids) expect(text).not.toContain(id);
      }
    }
  }, 90_000);

  it('says so when the service refuses every connection, and soon gives up', async () => {
    const outcome = await verifyAt({ faults: [{ fault: { kind: 'refuseUpgrade', status: 503 } }] }, []);
    expect(outcome.code).toBe(1);
    expect(outcome.checks.length).toBeGreaterThan(30);
    expect(verdicts(outcome)).toMatchObject({ 'set-up': 'fail', 'text-turn': 'fail', rotation: 'fail' });
    expect(saysOf(outcome, 'set-up')).toBe('the upgrade was refused with HTTP 503');
    expect(saysOf(outcome, 'tool-blocking')).toContain('not asked: the last 3 sessions could not be opened');
    expect(outcome.markdown).toContain('HTTP 503');
  }, 90_000);

  it('does not hang on a service that falls silent', async () => {
    const stall = await verifyAt({ faults: [{ fault: { kind: 'stall', seconds: 600, afterAudio: 0 } }] }, [
      '--checks',
      'set-up,text-turn,resumption,cheap-masking',
      '--deadline-s',
      '3',
    ]);
    expect(stall.code).toBe(1);
    expect(verdicts(stall)).toEqual({
      'set-up': 'pass',
      'text-turn': 'fail',
      resumption: 'fail',
      'cheap-masking': 'fail',
    });
    expect(saysOf(stall, 'text-turn')).toMatch(
      /no answer within 3 s: an answer did not come within 3\.\d s; heard: nothing/,
    );
    const mute = await verifyAt({ faults: [{ fault: { kind: 'noSetupComplete' } }] }, [
      '--checks',
      'set-up,text-turn',
      '--deadline-s',
      '2',
    ]);
    expect(mute.code).toBe(1);
    expect(saysOf(mute, 'set-up')).toContain('the set-up was not answered');
  }, 90_000);

  it('goes on after a check that fails', async () => {
    const once = { kind: 'close', code: 1011, reason: 'Internal error encountered.', afterAudio: 1 } as const;
    const outcome = await verifyAt({ faults: [{ fault: once, times: 1 }] }, [
      '--checks',
      'text-turn,usage-sums',
    ]);
    expect(outcome.code).toBe(1);
    expect(verdicts(outcome)).toEqual({ 'text-turn': 'fail', 'usage-sums': 'pass' });
    expect(saysOf(outcome, 'text-turn')).toContain('1011 "Internal error encountered."');
  }, 60_000);

  it('speaks the dialect of Vertex AI', async () => {
    const emulator = await startEmulator({ behaviour: FAST });
    endings.push(() => emulator.close());
    const outcome = await verify(
      [
        '--vertex',
        '--base-url',
        emulator.url,
        '--checks',
        'set-up,usage-sums,resumption,locked-token,history-config,cheap-masking',
      ],
      { GOOGLE_CLOUD_PROJECT: 'a-project', GOOGLE_CLOUD_LOCATION: 'global', GOOGLE_API_KEY: KEY },
    );
    expect(verdicts(outcome), outcome.printed).toEqual({
      'set-up': 'pass',
      'usage-sums': 'pass',
      'history-config': 'not applicable',
      resumption: 'pass',
      'cheap-masking': 'pass',
      'locked-token': 'not applicable',
    });
  }, 90_000);
});

/** Knows the id in every handle that an emulator has given out. */
class RememberedHandles implements ResumptionStore {
  readonly #kept = new Map<string, SessionSnapshot>();

  get ids(): readonly string[] {
    return [...this.#kept.keys()];
  }

  put(id: string, snapshot: SessionSnapshot): Promise<void> {
    this.#kept.set(id, snapshot);
    return Promise.resolve();
  }

  get(id: string): Promise<SessionSnapshot | undefined> {
    return Promise.resolve(this.#kept.get(id));
  }
}
