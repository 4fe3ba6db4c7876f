import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { conversations } from './support/conversations.js';
import { failure } from './support/errors.js';
import { ModelClock, patient } from './support/model-clock.js';
import { exchange, giveHandle, timedConversations, typed } from './support/timed-conversations.js';

const conversation = conversations({
  scenarios: {
    /** Takes one connection of each caller and refuses all others. */
    once: {
      exact: true,
      rules: [],
      behaviour: { faults: [{ fault: { kind: 'quota', sessions: 1, status: 503 } }] },
    },
  },
});
const timed = timedConversations(conversation);

/** How long the rest of a refusal is waited for: a timer that is no wait before a reconnect. */
const REFUSAL_BODY_MS = 500;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port of a server that takes connections and never says a word; `closed`: of none. */
async function port({ closed = false } = {}): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (closed) await new Promise((resolve) => server.close(resolve));
  else servers.push(server);
  return typeof address === 'object' && address ? address.port : 0;
}

describe('E. Connection and resumption: beginning and end', () => {
  it('E1 gives an error for a port that takes no connection, and throws it', async () => {
    const call = await conversation({ baseUrl: `http://127.0.0.1:${await port({ closed: true })}` });
    await call.over();
    expect(call.events).toMatchObject([
      { errorCode: 'provider_unavailable', errorDetails: { scope: 'session', retryable: true } },
    ]);
    expect(call.failure).toEqual(failure('provider_unavailable'));
  });

  it('E1 gives an error when the time is over for a port that never answers', async () => {
    const clock = new ModelClock();
    const calling = conversation({
      baseUrl: `http://127.0.0.1:${await port()}`,
      modelOptions: { clock, connectTimeoutMs: 7_000 },
    });
    const call = await clock.passing(calling);
    await call.over();
    expect(call.events).toMatchObject([{ errorCode: 'provider_unavailable' }]);
    expect(call.failure).toEqual(failure('provider_unavailable', /7000 ms/));
  });

  it('E2 tells code and reason of a close before the set-up is accepted, which is not to be tried again', async () => {
    const call = await conversation({ holdSetup: true });
    call.model.hangUp(1008, 'models/gemini-0 is not found for API version v1beta');
    const [event] = await call.over();
    expect(event).toMatchObject({
      errorCode: 'provider_config',
      errorMessage: expect.stringContaining('models/gemini-0 is not found for API version v1beta') as string,
      errorDetails: { scope: 'session', retryable: false, closeCode: 1008 },
    });
    expect(call.events).toHaveLength(1);
    expect(call.failure).toEqual(failure('provider_config'));
    expect(call.connections).toHaveLength(1);
  });

  it('E3 gives up a set-up that is not answered in ten seconds, and leaves the connection', async () => {
    const clock = new ModelClock();
    const call = await conversation({ holdSetup: true, modelOptions: { clock } });
    await clock.advance(9_900);
    expect(call.events).toEqual([]);
    await clock.advance(100);
    await call.over();
    expect(call.events).toMatchObject([{ errorCode: 'provider_unavailable' }]);
    expect(call.failure).toEqual(failure('provider_unavailable', /10000 ms/));
    await call.model.ended();
    expect(call.connections).toHaveLength(1);
  });

  it.each([
    ['least', 0, 0.8],
    ['most', 0.999_999, 1.2],
  ])(
    'E9 ends after eight reconnects that fail, at the %s that chance gives',
    async (_what, chance, factor) => {
      const { call, clock } = await timed({ scenario: 'once', modelOptions: { random: () => chance } });
      await giveHandle(call, 'handle');
      const before = clock.delaysMs.length;
      call.model.cut();
      const event = await clock.passing(call.event({ errorDetails: {} }));
      expect(event).toMatchObject({
        errorCode: 'provider_unavailable',
        errorDetails: { scope: 'session', retryable: true },
      });
      await call.over();
      expect(call.failure).toBeUndefined();
      const waits = clock.delaysMs.slice(before).filter((ms) => ms < 10_000 && ms !== REFUSAL_BODY_MS);
      const doubled = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000];
      expect(waits.map(Math.round)).toEqual(doubled.map((ms) => ms * factor));
    },
  );

  it('E11 does not come back when the model closes with 1000 after the client closed its queue', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'handle');
    call.queue.close();
    call.model.hangUp(1000);
    await clock.passing(call.over());
    await clock.advance(60_000);
    expect(call.failure).toBeUndefined();
    expect(call.eventsWith({ errorDetails: {} })).toEqual([]);
    expect(call.connections).toHaveLength(1);
  });

  it('E17 ends an idle run that is aborted without waiting for anything', async () => {
    const clock = new ModelClock();
    const call = await conversation({ clock, modelOptions: patient(clock) });
    call.abort();
    await call.over();
    expect(clock.monotonicMs()).toBe(0);
    expect(call.failure).toBeUndefined();
    await call.model.ended();
  });

  it('E17 ends a run that is aborted while its connection is being renewed without waiting for that', async () => {
    const clock = new ModelClock();
    const call = await conversation({ clock, modelOptions: patient(clock) });
    const before = clock.delaysMs.length;
    call.model.cut();
    await call.until('the wait before the reconnect', () => clock.delaysMs.length > before);
    call.abort();
    await call.over();
    expect(clock.monotonicMs()).toBe(0);
    expect(call.failure).toBeUndefined();
  });

  it('E18 ends at a close with 1007', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'handle');
    call.queue.sendContent(typed('Hello'));
    await call.model.received(1);
    call.model.hangUp(1007, 'Request contains an invalid argument.');
    await call.over();
    expect(call.events.at(-1)).toMatchObject({
      errorCode: 'provider_config',
      errorMessage: 'Request contains an invalid argument.',
      errorDetails: { scope: 'session', retryable: false, closeCode: 1007 },
    });
    await clock.advance(60_000);
    expect(call.connections).toHaveLength(1);
  });

  it('E18 tells a session less, and never the same, after a close with 1007 on its history', async () => {
    const { call } = await timed();
    await exchange(call, 'My name is Ada.', 'Hello Ada.');
    await call.end();
    const { call: later, clock } = await timed({ sessions: call.sessions });
    const told: string[] = [];
    for (let at = 0; at < 3; at++) {
      const connection = await clock.passing(later.connection(at));
      told.push(JSON.stringify(at < 2 ? await connection.received(1) : connection.messages));
      connection.hangUp(1007, 'Request contains an invalid argument.');
    }
    await clock.passing(later.over());
    expect(told).toEqual([
      expect.stringContaining('Hello Ada.'),
      expect.stringContaining('Summary of the conversation'),
      '[]',
    ]);
    expect(later.connections).toHaveLength(3);
    expect(later.events.at(-1)).toMatchObject({ errorDetails: { retryable: false, closeCode: 1007 } });
  });
});
