import { connect as connectTcp } from 'node:net';
import { LiveWireClient, livePathFor, type WireMessage } from '@parley-testing/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../fault/fault.js';
import type { EmulatorOptions } from './emulator-options.js';
import { startEmulator, type RunningEmulator } from './start-emulator.js';

const SETUP = {
  setup: {
    model: 'models/gemini-3.8-live',
    outputAudioTranscription: {},
    tools: [{ functionDeclarations: [{ name: 'get_weather' }] }],
  },
};
const FAST = { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 } as const;

const running: RunningEmulator[] = [];
const clients: LiveWireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

async function start(fault: Fault, options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({ behaviour: FAST, faults: [{ fault }], ...options });
  running.push(emulator);
  return emulator;
}

async function connect(emulator: RunningEmulator, path?: string): Promise<LiveWireClient> {
  const client = await LiveWireClient.connect(emulator.url, path);
  clients.push(client);
  return client;
}

/** A client whose model is talking. */
async function talking(emulator: RunningEmulator, text = 'Tell me a long story.'): Promise<LiveWireClient> {
  const client = await connect(emulator);
  client.send(SETUP);
  client.send({ realtimeInput: { text } });
  return client;
}

const isAudio = ({ serverContent }: WireMessage): boolean => serverContent?.modelTurn !== undefined;
const isTurnComplete = ({ serverContent }: WireMessage): boolean => serverContent?.turnComplete === true;

describe('in the handshake', () => {
  it.each([401, 403, 404, 429, 503])('the upgrade is refused with %i', async (status) => {
    await expect(connect(await start({ kind: 'refuseUpgrade', status }))).rejects.toThrow(String(status));
  });

  it('the upgrade request is never answered, and closing the emulator ends the wait', async () => {
    const emulator = await start({ kind: 'ignoreUpgrade' });
    const socket = connectTcp(emulator.port, '127.0.0.1');
    const answered: string[] = [];
    socket.on('data', (data) => answered.push(String(data)));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    const headers = 'Host: e\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
    socket.write(
      `GET ${livePathFor('default')} HTTP/1.1\r\n${headers}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    await expect(fetch(`${emulator.url}/livez`).then(({ status }) => status)).resolves.toBe(404);
    await emulator.close();
    await closed;
    expect(answered).toEqual([]);
  });

  it('the quota of a key is spent after so many sessions; other keys have their own', async () => {
    const emulator = await start({ kind: 'quota', sessions: 2 });
    await connect(emulator);
    await connect(emulator);
    await expect(connect(emulator)).rejects.toThrow('429');
    await connect(emulator, livePathFor('default').replace('key=test', 'key=other'));
  });

  it('the quota may be told by a close as well', async () => {
    const client = await connect(await start({ kind: 'quota', sessions: 0, status: 0 }));
    expect(await client.closed).toMatchObject({
      code: 1011,
      reason: expect.stringContaining('quota') as unknown,
    });
  });

  it('the socket is closed before a setup', async () => {
    const client = await connect(
      await start({ kind: 'closeBeforeSetup', code: 1007, reason: 'API key not valid.' }),
    );
    expect(await client.closed).toEqual({ code: 1007, reason: 'API key not valid.' });
    expect(client.messages).toEqual([]);
  });
});

describe('in the middle of speech', () => {
  it('the socket is closed with any code and reason', async () => {
    const client = await talking(await start({ kind: 'close', code: 1008, reason: 'Away.', afterAudio: 3 }));
    expect(await client.closed).toEqual({ code: 1008, reason: 'Away.' });
    expect(client.messages.filter(isAudio)).toHaveLength(3);
  });

  it('the TCP connection is reset', async () => {
    const client = await talking(await start({ kind: 'reset' }));
    expect((await client.closed).code).toBe(1006);
  });

  it('goAway comes with no time left', async () => {
    const client = await talking(await start({ kind: 'goAway' }));
    expect((await client.closed).code).toBe(1011);
    expect(client.messages.findLast(({ goAway }) => goAway)).toEqual({ goAway: { timeLeft: '0s' } });
  });

  it('everything stops for a while and then goes on in order', async () => {
    const client = await talking(await start({ kind: 'stall', seconds: 0.3 }), 'Say one two three four five');
    await client.waitFor(isTurnComplete);
    const atMs = client.arrivedAtMs;
    const gaps = atMs.map((ms, index) => ms - (atMs[index - 1] ?? ms));
    expect(Math.max(...gaps)).toBeGreaterThan(250);
    expect(client.messages.findIndex(isTurnComplete)).toBe(client.messages.length - 1);
  });

  it('the emulator stops reading and writing while the socket stays open', async () => {
    const emulator = await start({ kind: 'halfOpen', afterAudio: 0 });
    const client = await talking(emulator);
    await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
    await expect(client.ping(200)).rejects.toThrow();
    expect(client.messages.filter(isAudio)).toEqual([]);
    expect(emulator.sessions()).toHaveLength(1);
  });

  it('a message breaks off in its JSON', async () => {
    const client = await talking(await start({ kind: 'malformedJson' }));
    await expect.poll(() => client.malformed.length).toBe(1);
  });

  it('a message of twenty megabytes comes', async () => {
    const client = await talking(await start({ kind: 'oversizedFrame' }));
    await client.waitFor(
      ({ serverContent }) => serverContent !== undefined && 'groundingMetadata' in serverContent,
    );
    expect(Math.max(...client.frames.map(({ text }) => text.length))).toBe(20 * 1024 * 1024);
  });
});

describe('all along', () => {
  it('frames are text instead of binary', async () => {
    const client = await talking(await start({ kind: 'flipFrames' }), 'Hello');
    await client.waitFor(isTurnComplete);
    expect(client.frames.every(({ binary }) => !binary)).toBe(true);
  });

  it('turnComplete comes twice', async () => {
    const client = await talking(await start({ kind: 'duplicateTurnComplete' }), 'Hello');
    await client.waitFor(isTurnComplete, { from: 1 + (await firstIndex(client, isTurnComplete)) });
    expect(client.messages.filter(isTurnComplete)).toHaveLength(2);
  });

  it('generationComplete is missing', async () => {
    const client = await talking(await start({ kind: 'missingGenerationComplete' }), 'Hello');
    await client.waitFor(isTurnComplete);
    expect(client.messages.filter(({ serverContent }) => serverContent?.generationComplete)).toEqual([]);
  });

  it('transcriptions come after turnComplete', async () => {
    const client = await talking(await start({ kind: 'lateTranscript' }), 'Hello');
    const isTranscript = ({ serverContent }: WireMessage): boolean =>
      serverContent?.outputTranscription !== undefined;
    await client.waitFor(isTranscript);
    expect(client.messages.findIndex(isTurnComplete)).toBeLessThan(client.messages.findIndex(isTranscript));
  });

  it('function calls come without ids', async () => {
    const client = await talking(await start({ kind: 'toolCallWithoutId' }), 'What is the weather?');
    const { toolCall } = await client.waitFor((message) => message.toolCall !== undefined);
    expect(toolCall?.functionCalls).toEqual([{ name: 'get_weather', args: expect.anything() as unknown }]);
  });

  it('the emulator reads slowly', async () => {
    const emulator = await start({ kind: 'slowReader', bytesPerSecond: 200_000 });
    const client = await connect(emulator);
    client.send(SETUP);
    const before = performance.now();
    const audio = { data: 'A'.repeat(4_000), mimeType: 'audio/pcm' };
    for (let i = 0; i < 100; i++) client.send({ realtimeInput: { audio } });
    await expect.poll(() => emulator.stats.framesIn, { timeout: 20_000 }).toBe(101);
    expect(performance.now() - before).toBeGreaterThan(1_000);
  });
});

describe('rules', () => {
  it('strike so many sessions, and with a probability that a seed repeats', async () => {
    const outcomes = async (seed: number): Promise<string> => {
      const faults = [{ fault: { kind: 'refuseUpgrade' }, probability: 0.5, times: 4 }] as const;
      const emulator = await start({ kind: 'reset', afterAudio: 1e9 }, { faults, seed });
      let pattern = '';
      for (let i = 0; i < 16; i++)
        pattern += await connect(emulator).then(
          () => '-',
          () => 'x',
        );
      return pattern;
    };
    const pattern = await outcomes(7);
    expect(pattern.match(/x/g)).toHaveLength(4);
    expect(pattern).toContain('-');
    expect(await outcomes(7)).toBe(pattern);
  });

  it('of a scenario hold for its sessions only', async () => {
    const faults = [{ fault: { kind: 'refuseUpgrade', status: 403 } }] as const;
    const emulator = await start({ kind: 'flipFrames' }, { scenarios: { locked: { faults } } });
    await expect(connect(emulator, livePathFor('locked'))).rejects.toThrow('403');
    await connect(emulator);
  });
});

async function firstIndex(
  client: LiveWireClient,
  wanted: (message: WireMessage) => boolean,
): Promise<number> {
  await client.waitFor(wanted);
  return client.messages.findIndex(wanted);
}
