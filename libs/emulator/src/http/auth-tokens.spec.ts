import { GoogleGenAI, Modality, type LiveServerMessage, type Session } from '@google/genai';
import { ManualClock } from '@parley-testing/kernel';
import { LiveWireClient } from '@parley-testing/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEmulator, type RunningEmulator } from '../server/start-emulator.js';
import { AuthTokens } from './auth-tokens.js';
import { TokenGate } from './token-gate.js';

const CONSTRAINED =
  '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained';

describe('an ephemeral token', () => {
  const START_MS = Date.UTC(2026, 0, 1);
  const at = (minutes: number): string => new Date(START_MS + minutes * 60_000).toISOString();
  const SETUP = JSON.stringify({
    setup: { model: 'models/theirs', generationConfig: { temperature: 1, topP: 1 } },
  });

  function make(body: object): { clock: ManualClock; open: () => TokenGate } {
    const clock = new ManualClock(START_MS);
    const tokens = new AuthTokens(clock, () => 'secret');
    const { name } = tokens.create(body, 'owner');
    expect(name).toBe('auth_tokens/secret');
    return { clock, open: () => new TokenGate(tokens, name, clock) };
  }

  it('is used up after so many sessions; 0 is any number', () => {
    const { open } = make({ uses: 2 });
    expect(open().pass(SETUP)).toBe(SETUP);
    expect(open().pass(SETUP)).toBe(SETUP);
    expect(open().pass(SETUP)).toEqual({ code: 1007, reason: 'The auth token has been used up.' });
    const any = make({ uses: 0 });
    for (let i = 0; i < 10; i++) expect(any.open().pass(SETUP)).toBe(SETUP);
  });

  it('opens sessions for a minute and serves them for half an hour, unless told otherwise', async () => {
    const { clock, open } = make({});
    const gate = open();
    expect(gate.pass(SETUP)).toBe(SETUP);
    await clock.advance(60_000);
    expect(open().pass(SETUP)).toMatchObject({ reason: 'The auth token can open no new session any more.' });
    expect(gate.pass('{"realtimeInput":{}}')).toBe('{"realtimeInput":{}}');
    await clock.advance(29 * 60_000);
    expect(gate.pass('{"realtimeInput":{}}')).toEqual({ code: 1007, reason: 'The auth token has expired.' });
    const longer = make({ newSessionExpireTime: at(10), expireTime: at(20) });
    await longer.clock.advance(9 * 60_000);
    expect(longer.open().pass(SETUP)).toBe(SETUP);
  });

  it('lets a session be resumed without being used', async () => {
    const resuming = JSON.stringify({ setup: { model: 'm', sessionResumption: { handle: 'h' } } });
    const { clock, open } = make({ uses: 1 });
    expect(open().pass(SETUP)).toBe(SETUP);
    await clock.advance(120_000);
    expect(open().pass(resuming)).toBe(resuming);
  });

  it('fixes the whole setup, or the fields of its mask, and leaves the handle to the client', () => {
    const fixed = { model: 'models/ours', generationConfig: { temperature: 0, topP: 0 } };
    const client = JSON.stringify({
      setup: {
        model: 'models/theirs',
        generationConfig: { temperature: 1, topP: 1 },
        sessionResumption: { handle: 'h' },
      },
    });
    const parsed = (frame: unknown): unknown => JSON.parse(String(frame));
    expect(parsed(make({ bidiGenerateContentSetup: fixed }).open().pass(client))).toEqual({
      setup: { ...fixed, sessionResumption: { handle: 'h' } },
    });
    const masked = make({
      bidiGenerateContentSetup: fixed,
      fieldMask: 'model,generationConfig.temperature,tools',
    });
    expect(parsed(masked.open().pass(client))).toEqual({
      setup: {
        model: 'models/ours',
        generationConfig: { temperature: 0, topP: 1 },
        sessionResumption: { handle: 'h' },
      },
    });
  });

  it.each([
    { uses: -1 },
    { expireTime: 'soon' },
    { expireTime: at(21 * 60) },
    { newSessionExpireTime: at(-1) },
  ])('can not be had with %j', (body) => {
    expect(() => make(body)).toThrow('invalid argument');
  });
});

describe('the constrained service', () => {
  let emulator: RunningEmulator;
  const sessions: Session[] = [];
  const clients: LiveWireClient[] = [];
  beforeAll(async () => {
    // the SDK warns of its tokens at every connection
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    emulator = await startEmulator({ strictV1: true });
  });
  afterEach(() => {
    for (const session of sessions.splice(0)) session.close();
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await emulator.close();
  });

  const sdk = (apiKey: string, apiVersion = 'v1alpha'): GoogleGenAI =>
    new GoogleGenAI({
      apiKey,
      vertexai: false,
      apiVersion,
      httpOptions: { baseUrl: `${emulator.url}/s/scripted` },
    });

  it('takes a token that the SDK made, with what it fixes, and refuses others', async () => {
    const token = await sdk('k').authTokens.create({
      config: {
        uses: 1,
        liveConnectConstraints: {
          model: 'gemini-3.8-live',
          config: { systemInstruction: 'Fixed.', responseModalities: [Modality.AUDIO] },
        },
        lockAdditionalFields: [],
      },
    });
    expect(token.name).toMatch(/^auth_tokens\/\w{48}$/);
    const messages: LiveServerMessage[] = [];
    const connecting = sdk(token.name ?? '').live.connect({
      model: 'gemini-3.8-live',
      config: { systemInstruction: 'Mine.' },
      callbacks: { onmessage: (message) => void messages.push(message) },
    });
    await emulator.scripts.next();
    sessions.push(await connecting);
    expect(emulator.sessions().at(-1)?.setup?.systemInstruction).toBe('Fixed.');
    for (const name of [token.name, 'auth_tokens/none', '']) {
      const client = await LiveWireClient.connect(emulator.url, `${CONSTRAINED}?access_token=${name}`);
      clients.push(client);
      client.send({ setup: { model: 'models/gemini-3.8-live' } });
      expect(await client.closed).toMatchObject({
        code: 1007,
        reason: expect.stringMatching(/auth token/) as string,
      });
    }
  });

  it('has no version v1, and that makes no tokens, where that is asked for', async () => {
    await expect(LiveWireClient.connect(emulator.url, CONSTRAINED.replace('v1alpha', 'v1'))).rejects.toThrow(
      '404',
    );
    await expect(sdk('k', 'v1').authTokens.create({})).rejects.toMatchObject({ status: 404 });
  });
});
