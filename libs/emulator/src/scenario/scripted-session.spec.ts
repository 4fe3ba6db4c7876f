import { GoogleGenAI, type LiveServerMessage, type Session } from '@google/genai';
import { LiveWireClient, livePathFor } from '@parley-testing/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';
import type { ScriptedSession } from './scripted-session.js';

const SETUP = { setup: { model: 'models/gemini-3.8-live' } };

let emulator: RunningEmulator;
const clients: LiveWireClient[] = [];
const calls: Session[] = [];
beforeAll(async () => {
  emulator = await startEmulator({
    behaviour: { thinkMs: 0, thinkJitterMs: 0, turnEnds: 'immediate', speed: 20 },
  });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const call of calls.splice(0)) call.close();
});
afterAll(() => emulator.close());

async function scripted(path = livePathFor('scripted')): Promise<[LiveWireClient, ScriptedSession]> {
  const client = await LiveWireClient.connect(emulator.url, path);
  clients.push(client);
  client.send(SETUP);
  return [client, await emulator.scripts.next()];
}

describe('a session in the hands of a test', () => {
  it('plays the model for the real SDK, message by message', async () => {
    const ai = new GoogleGenAI({
      apiKey: 'k',
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: { baseUrl: `${emulator.url}/s/scripted` },
    });
    const messages: LiveServerMessage[] = [];
    const closed: number[] = [];
    const connecting = ai.live.connect({
      model: 'gemini-3.8-live',
      config: { systemInstruction: 'Roll dice.' },
      callbacks: {
        onmessage: (message) => void messages.push(message),
        onclose: ({ code }) => void closed.push(code),
      },
    });
    const model = await emulator.scripts.next();
    const session = await connecting;
    calls.push(session);
    expect(model.received).toMatchObject([{ setup: { model: 'models/gemini-3.8-live' } }]);
    expect(model.request.target).toContain('key=k');

    session.sendRealtimeInput({ text: 'Roll!' });
    expect(await model.until(({ realtimeInput }) => realtimeInput?.text === 'Roll!')).toBeDefined();
    model.send({ toolCall: { functionCalls: [{ id: '1', name: 'roll', args: { sides: 6 } }] } });
    await expect.poll(() => messages.at(-1)?.toolCall?.functionCalls?.[0]?.id).toBe('1');
    session.sendToolResponse({ functionResponses: { id: '1', name: 'roll', response: { output: 4 } } });
    expect((await model.until('toolResponse')).toolResponse?.functionResponses).toMatchObject([
      { id: '1', response: { output: 4 } },
    ]);
    model.send({ serverContent: { interrupted: true, turnComplete: true } });
    await expect
      .poll(() => messages.at(-1)?.serverContent)
      .toMatchObject({ interrupted: true, turnComplete: true });
    expect(messages).toHaveLength(3);

    model.close(1011, 'The service is currently unavailable.');
    await expect.poll(() => closed).toEqual([1011]);
    expect(model.ending).toEqual({ code: 1011, reason: 'The service is currently unavailable.' });
  });

  it('sends nothing by itself, whatever the client says; bare not even setupComplete', async () => {
    const [client, model] = await scripted();
    client.send({ setup: { model: 'x' } });
    client.send({
      clientContent: { turns: [{ role: 'user', parts: [{ text: 'Hello' }] }], turnComplete: true },
    });
    client.send({ realtimeInput: { activityEnd: {} } });
    client.send({ toolResponse: { functionResponses: [{ id: 'unknown', name: 'x', response: {} }] } });
    await model.until('toolResponse');
    model.send({ usageMetadata: { totalTokenCount: 1 } });
    await client.waitFor(({ usageMetadata }) => usageMetadata !== undefined);
    expect(client.messages).toEqual([{ setupComplete: {} }, { usageMetadata: { totalTokenCount: 1 } }]);

    const [bareClient, bare] = await scripted(livePathFor('bare'));
    bare.send({ setupComplete: { sessionId: 'mine' } });
    await bareClient.waitFor(() => true);
    expect(bareClient.messages).toEqual([{ setupComplete: { sessionId: 'mine' } }]);
  });

  it('gives messages one after the other by next, and looks back by until', async () => {
    const [client, model] = await scripted();
    for (const text of ['one', 'two', 'three']) client.send({ realtimeInput: { text } });
    expect(await model.next()).toMatchObject(SETUP);
    expect(await model.next('realtimeInput')).toMatchObject({ realtimeInput: { text: 'one' } });
    expect(await model.next(({ realtimeInput }) => realtimeInput?.text === 'three')).toBeDefined();
    expect(await model.until('realtimeInput')).toMatchObject({ realtimeInput: { text: 'one' } });
    await expect(model.next('realtimeInput', { deadlineMs: 20 })).rejects.toThrow(
      'The client did not send a realtimeInput. Received: setup, realtimeInput, realtimeInput, realtimeInput.',
    );
  });

  it('learns how the client ended, and stops waiting then', async () => {
    const [client, model] = await scripted();
    const waiting = model.until('toolResponse');
    client.close();
    await expect(waiting).rejects.toThrow('The connection ended before the client sent a toolResponse.');
    expect(await model.untilEnded()).toEqual({ code: 1005, reason: '' });
  });

  it('breaks the connection, holds messages back and sends what is no message', async () => {
    const [client, model] = await scripted();
    model.stall();
    model.send({ a: 1 });
    model.sendText('{"b":2}');
    model.resume();
    await client.waitFor((message) => 'b' in message);
    expect(client.messages.slice(1)).toEqual([{ a: 1 }, { b: 2 }]);
    model.drop();
    expect((await client.closed).code).toBe(1006);
  });

  it('performs steps as a rule would', async () => {
    const [client, model] = await scripted();
    await model.play([{ text: 'Hi' }, { wait: 5 }, { turnComplete: true }]);
    await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true);
    expect(client.messages.slice(1)).toEqual([
      { serverContent: { modelTurn: { parts: [{ text: 'Hi' }] } } },
      { serverContent: { turnComplete: true } },
    ]);
    await expect(model.play([{ wait: -1 }])).rejects.toThrow('step 1, wait');
  });

  it('watches sessions of other scenarios, which go on by themselves', async () => {
    const [client, model] = await scripted(livePathFor('default'));
    expect(model.received).toMatchObject([SETUP]);
    model.send({ serverContent: { modelTurn: { parts: [{ text: 'injected' }] } } });
    client.send({ realtimeInput: { text: 'Hello' } });
    await model.until('realtimeInput');
    await client.waitFor(({ serverContent }) => serverContent?.turnComplete === true);
    await expect(model.play([{ wait: 1 }])).rejects.toThrow('Only a session of an exact scenario');
  });

  it('is not waited for any longer once the emulator closes', async () => {
    const closing = await startEmulator();
    const coming = closing.scripts.next({ deadlineMs: 3_600_000 });
    await closing.close();
    await expect(coming).rejects.toThrow('The emulator was closed before a session came.');
    await expect(closing.scripts.next()).rejects.toThrow('The emulator was closed');
  });

  it('comes in order of arrival; the newest can be had again', async () => {
    const client = await LiveWireClient.connect(emulator.url, livePathFor('scripted'));
    clients.push(client);
    const coming = emulator.scripts.next();
    client.send(SETUP);
    const model = await coming;
    expect(emulator.scripts.newest()?.id).toBe(model.id);
    await expect(emulator.scripts.next({ deadlineMs: 20 })).rejects.toThrow('No session came.');
  });
});
