import { LiveWireClient, livePathFor } from '@parley-testing/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import type { EmulatedSession } from './emulated-session.js';
import type { EmulatorOptions } from './emulator-options.js';
import { startEmulator, type RunningEmulator } from './start-emulator.js';

const SETUP = { setup: { model: 'models/gemini-3.8-live', outputAudioTranscription: {} } };
const FAST = { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 } as const;

const running: RunningEmulator[] = [];
const clients: LiveWireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

async function start(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({ behaviour: FAST, ...options });
  running.push(emulator);
  return emulator;
}

async function connect(emulator: RunningEmulator, path?: string): Promise<LiveWireClient> {
  const client = await LiveWireClient.connect(emulator.url, path);
  clients.push(client);
  return client;
}

async function opened(
  emulator: RunningEmulator,
): Promise<{ client: LiveWireClient; session: EmulatedSession }> {
  const client = await connect(emulator);
  client.send(SETUP);
  await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
  const session = emulator.sessions().at(-1);
  if (!session) throw new Error('the emulator knows no session');
  return { client, session };
}

const isTurnComplete = ({ serverContent }: { serverContent?: { turnComplete?: true } }) =>
  serverContent?.turnComplete === true;

describe('a running emulator', () => {
  it('answers in binary, pretty-printed frames, or in compact text where that is asked for', async () => {
    const { client } = await opened(await start());
    expect(client.frames[0]).toEqual({ binary: true, text: '{\n  "setupComplete": {}\n}\n' });
    const compact = await opened(await start({ frames: 'compact-text' }));
    expect(compact.client.frames[0]).toEqual({ binary: false, text: '{"setupComplete":{}}' });
  });

  it('never sends a flag that is false', async () => {
    const { client } = await opened(await start());
    client.send({ realtimeInput: { text: 'Hello' } });
    await client.waitFor(isTurnComplete);
    expect(client.frames.map(({ text }) => text).join('')).not.toMatch(/false|null|: 0\b|: ""/);
  });

  it('serves plain HTTP by the handler that it is given, on the same port', async () => {
    const emulator = await start({ onRequest: (_request, response) => response.end('hello') });
    expect(await (await fetch(`${emulator.url}/livez`)).text()).toBe('hello');
    expect((await fetch(`${(await start()).url}/livez`)).status).toBe(404);
  });

  it('refuses the upgrade for unknown services and scenarios, and where the scenario says so', async () => {
    const emulator = await start({
      scenarios: { broke: { faults: [{ fault: { kind: 'refuseUpgrade', status: 429 } }] } },
    });
    await expect(connect(emulator, '/ws/other')).rejects.toThrow('404');
    await expect(connect(emulator, livePathFor('nowhere'))).rejects.toThrow('404');
    await expect(connect(emulator, livePathFor('broke'))).rejects.toThrow('429');
  });

  it('leaves a setup unanswered where the scenario says so', async () => {
    const emulator = await start({
      scenarios: { mute: { faults: [{ fault: { kind: 'noSetupComplete' } }] } },
    });
    const client = await connect(emulator, livePathFor('mute'));
    client.send(SETUP);
    await expect(client.waitFor(() => true, { deadlineMs: 100 })).rejects.toThrow();
  });

  it('closes a connection that does not begin with a setup', async () => {
    const client = await connect(await start());
    client.send({ realtimeInput: { text: 'Hello' } });
    expect(await client.closed).toEqual({
      code: 1007,
      reason: 'setup must be the first message and only the first',
    });
    expect(client.messages).toEqual([]);
  });

  it('names what it does not know in the words of Google, cut to what a close frame holds', async () => {
    const client = await connect(await start());
    client.send({ setup: { model: 'models/gemini-3.8-live', [`a${'b'.repeat(200)}`]: 1 } });
    const { code, reason } = await client.closed;
    expect(code).toBe(1007);
    expect(reason).toMatch(/^Invalid JSON payload received\. Unknown name "ab+/);
    expect(reason).toHaveLength(123);
  });

  it('labels its sessions and forgets them at their end', async () => {
    const emulator = await start();
    const { client, session } = await opened(emulator);
    expect(session).toMatchObject({ label: 'emulated', scenario: 'default', api: 'gemini', closed: false });
    expect(session.setup?.model).toBe('models/gemini-3.8-live');
    session.hangUp(1011, 'The service is currently unavailable.');
    expect(await client.closed).toEqual({ code: 1011, reason: 'The service is currently unavailable.' });
    await expect.poll(() => emulator.sessions().length).toBe(0);
    expect(emulator.stats).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1 });
  });

  it('keeps a log of a session, without its media', async () => {
    const { client, session } = await opened(await start({ eventsPerSession: 6 }));
    client.send({ realtimeInput: { text: 'Hello' } });
    await client.waitFor(isTurnComplete);
    expect(session.events).toHaveLength(6);
    expect(session.events.at(-1)).toMatchObject({
      direction: 'out',
      kind: 'serverContent.turnComplete usageMetadata',
    });
    expect(JSON.stringify(session.events).length).toBeLessThan(2_000);
  });

  it('plays the load schedule under /s/load, whatever its mode', async () => {
    const emulator = await start();
    const client = await connect(emulator, livePathFor('load'));
    client.send(SETUP);
    client.send({ realtimeInput: { text: 'go' } });
    await client.waitFor(({ serverContent }) => serverContent?.modelTurn !== undefined);
    expect(emulator.sessions()[0]?.events).toEqual([]);
  });

  it('breaks off what is open when it closes, and closes once', async () => {
    const emulator = await start();
    const { client } = await opened(emulator);
    await Promise.all([emulator.close(), emulator.close()]);
    expect((await client.closed).code).toBe(1006);
  });
});

describe('control over a session', () => {
  it('makes the model say or call something at once', async () => {
    const { client, session } = await opened(await start());
    session.inject({ say: 'Attention please.' });
    await client.waitFor(isTurnComplete);
    session.inject({ calls: [{ name: 'f', args: { n: 1 } }] });
    const { toolCall } = await client.waitFor((message) => message.toolCall !== undefined);
    expect(toolCall?.functionCalls).toMatchObject([{ name: 'f', args: { n: 1 } }]);
  });

  it('announces the end and brings it about', async () => {
    const { client, session } = await opened(await start());
    session.goAway(50);
    await client.waitFor(({ goAway }) => goAway?.timeLeft === '0.05s');
    expect((await client.closed).code).toBe(1011);
  });

  it('holds messages back and lets them go in order', async () => {
    const { client, session } = await opened(await start());
    session.stall();
    client.send({ realtimeInput: { text: 'Say one' } });
    await expect.poll(() => session.events.some(({ kind }) => kind.includes('turnComplete'))).toBe(true);
    expect(client.messages).toHaveLength(1);
    session.resume();
    await client.waitFor(isTurnComplete);
    expect(client.messages.at(-1)?.serverContent?.turnComplete).toBe(true);
  });

  it('breaks the connection without a word, or sends what is no message', async () => {
    const { client, session } = await opened(await start());
    session.sendRaw('{"serverContent":{}}');
    await client.waitFor(({ serverContent }) => serverContent !== undefined);
    session.reset();
    expect((await client.closed).code).toBe(1006);
  });
});
