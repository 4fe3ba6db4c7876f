import { LiveWireClient } from '@parley-testing/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from './start-emulator.js';

const SECRET = 'control-secret';
const SETUP = { setup: { model: 'models/gemini-3.8-live', outputAudioTranscription: {} } };

let emulator: RunningEmulator;
const clients: LiveWireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await emulator.close();
});

async function opened(controlSecret?: string): Promise<{ client: LiveWireClient; id: string }> {
  emulator = await startEmulator({
    behaviour: { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 },
    ...(controlSecret !== undefined && { controlSecret }),
  });
  const client = await LiveWireClient.connect(emulator.url);
  clients.push(client);
  client.send(SETUP);
  await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
  return { client, id: emulator.control.sessions()[0]?.id ?? '' };
}

async function ask(
  method: string,
  path: string,
  body?: object,
  secret = SECRET,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${emulator.url}/__emu/${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

describe('control in the program', () => {
  it('makes a session say, call, end, close or break, by its id', async () => {
    const { client, id } = await opened();
    emulator.control.say(id, 'Attention please.');
    await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true);
    expect(saidBy(client)).toBe('Attention please.');
    emulator.control.call(id, 'f', { n: 1 });
    await client.waitFor(({ toolCall }) => toolCall?.functionCalls[0]?.name === 'f');
    emulator.control.goAway(id, { timeLeftMs: 5_000 });
    await client.waitFor(({ goAway }) => goAway?.timeLeft === '5s');
    emulator.control.close(id, { code: 1008, reason: 'Enough.' });
    expect(await client.closed).toEqual({ code: 1008, reason: 'Enough.' });
  });

  it('knows no session that is not open', async () => {
    await opened();
    expect(() => emulator.control.drop('emu_unknown')).toThrow(
      expect.objectContaining({ code: 'session_not_found' }),
    );
  });

  it('sets the faults of the sessions from now on', async () => {
    const { client } = await opened();
    emulator.control.setFaults([{ fault: { kind: 'refuseUpgrade', status: 429 }, times: 1 }]);
    await expect(LiveWireClient.connect(emulator.url)).rejects.toThrow('429');
    clients.push(await LiveWireClient.connect(emulator.url));
    client.send({ realtimeInput: { text: 'Hello' } });
    await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true);
  });
});

describe('the control API', () => {
  it('is not there without a secret, and closed to who does not have it', async () => {
    await opened();
    expect((await ask('GET', 'sessions')).status).toBe(404);
    await emulator.close();
    await opened(SECRET);
    expect((await ask('GET', 'sessions', undefined, 'guess')).status).toBe(401);
    expect((await fetch(`${emulator.url}/__emu/sessions`)).status).toBe(401);
    expect((await fetch(`${emulator.url}/other`)).status).toBe(404);
  });

  it('lists sessions and shows their messages and transcripts', async () => {
    const { client, id } = await opened(SECRET);
    client.send({ realtimeInput: { text: 'Say hello' } });
    await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true);
    const session = {
      id,
      label: 'emulated',
      scenario: 'default',
      api: 'gemini',
      lineage: id,
      model: SETUP.setup.model,
    };
    expect(await ask('GET', 'sessions')).toEqual({ status: 200, body: { sessions: [session] } });
    expect(await ask('GET', `sessions/${id}`)).toEqual({ status: 200, body: session });
    const { body } = await ask('GET', `sessions/${id}/events`);
    expect(body).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ kind: 'setup' })]) as unknown,
    });
    expect((await ask('GET', `transcripts/${id}`)).body).toMatchObject({
      lines: [{ role: 'user', text: 'Say hello', connection: id }, { role: 'model' }],
    });
  });

  it('takes steps', async () => {
    const { client, id } = await opened(SECRET);
    expect((await ask('POST', `sessions/${id}/steps`, { step: 'say', text: 'Now.' })).status).toBe(204);
    await client.waitFor(({ serverContent }) => serverContent?.outputTranscription?.text === 'Now.');
    await ask('POST', `sessions/${id}/steps`, { step: 'fault', fault: { kind: 'malformedJson' } });
    await expect.poll(() => client.malformed.length).toBe(1);
    await ask('POST', `sessions/${id}/steps`, { step: 'goAway', timeLeftMs: 1_500 });
    await client.waitFor(({ goAway }) => goAway?.timeLeft === '1.5s');
    await ask('POST', `sessions/${id}/steps`, { step: 'close', code: 1011, reason: 'Over.' });
    expect(await client.closed).toEqual({ code: 1011, reason: 'Over.' });
  });

  it('sets faults and says which are set', async () => {
    await opened(SECRET);
    const rules = [{ fault: { kind: 'refuseUpgrade', status: 503 }, probability: 1 }];
    expect((await ask('PUT', 'faults', { rules })).status).toBe(204);
    expect((await ask('GET', 'faults')).body).toEqual({ rules });
    await expect(LiveWireClient.connect(emulator.url)).rejects.toThrow('503');
  });

  it.each([
    ['POST', 'sessions/emu_none/steps', { step: 'drop' }, 404],
    ['GET', 'nothing', undefined, 404],
    ['PUT', 'faults', { rules: [{ fault: { kind: 'earthquake' } }] }, 400],
    ['PUT', 'faults', { rules: [{ fault: { kind: 'stall', seconds: 'ten' } }] }, 400],
    ['PUT', 'faults', { rules: [{ fault: { kind: 'reset' }, probability: 2 }] }, 400],
  ])('answers %s %s with %o by %i', async (method, path, body, status) => {
    await opened(SECRET);
    expect((await ask(method, path, body)).status).toBe(status);
  });
});

function saidBy(client: LiveWireClient): string {
  return client.messages.map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '').join('');
}
