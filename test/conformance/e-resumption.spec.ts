import { mediaOf } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { conversations, KEY } from './support/conversations.js';
import {
  caption,
  generationComplete,
  goAway,
  heard,
  microphone,
  resumption,
  turnComplete,
  voice,
} from './support/messages.js';
import type { ModelSide } from './support/model-side.js';
import {
  exchange,
  gapsOf,
  giveHandle,
  resumed,
  resumptionOf,
  timedConversations,
  typed,
} from './support/timed-conversations.js';

const timed = timedConversations(
  conversations({
    scenarios: {
      /** Answers by itself, at once. */
      quick: { thinkMs: 0, thinkJitterMs: 0, speed: 1_000, turnEnds: 'immediate', discloses: false },
    },
  }),
);

const seal = {
  seal: (handle: string) => `sealed ${handle}`,
  open: (token: string) => /^sealed (.*)$/.exec(token)?.[1],
};

/** By its first byte. */
const soundOf = (message: object | undefined): number | undefined => {
  const data = /"audio":.*"data":"([^"]*)"/.exec(JSON.stringify(message))?.[1];
  return data === undefined ? undefined : Buffer.from(data, 'base64')[0];
};

describe('E. Connection and resumption: on and on', () => {
  it('E4 asks for handles at first, and names the last one on each connection after it', async () => {
    const { call, clock } = await timed();
    expect(resumptionOf(call.model)).toEqual({});
    for (const [at, handle] of ['first', 'second'].entries()) {
      await giveHandle(call, `older than the ${handle}`);
      await giveHandle(call, handle);
      call.model.cut();
      expect(resumptionOf(await clock.passing(call.connection(at + 1)))).toEqual({ handle });
      await resumed(call, at + 1);
    }
  });

  it('E5 takes a lost connection up with the earlier handle after an update that is not resumable', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'the earlier');
    call.model.send(resumption(undefined));
    await call.event({ liveSessionResumptionUpdate: { resumable: false } });
    call.model.cut();
    expect(resumptionOf(await clock.passing(call.connection(1)))).toEqual({ handle: 'the earlier' });
  });

  it('E6 follows a goAway when the turn is over and its handle there, and the client sees no gap', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'before');
    call.queue.sendContent(typed('Tell me.'));
    await call.model.received(1);
    call.model.send(goAway(10), voice(40), caption('A'));
    await call.event({ outputTranscription: {} });
    await clock.advance(1_000);
    call.model.send(caption(' tale.'), generationComplete(), turnComplete());
    await call.event({ turnComplete: true });
    await clock.advance(1_000);
    expect(call.connections).toHaveLength(1);
    call.model.send(resumption('after'));
    const next = await clock.passing(call.connection(1));
    expect(resumptionOf(next)).toEqual({ handle: 'after' });
    await exchange(call, 'And then?', 'No more.');
    expect(next.messages).toMatchObject([{ clientContent: { turns: [{ parts: [{ text: 'And then?' }] }] } }]);
    expect(gapsOf(call)).toEqual([]);
    expect(call.eventsWith({ turnComplete: true })).toHaveLength(2);
  });

  it('E6 follows a goAway of 10 s after five when the model does not stop speaking', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'before');
    call.queue.sendContent(typed('Tell me.'));
    await call.model.received(1);
    call.model.send(voice(40), caption('Once upon a time'), goAway(10), caption(' there was'));
    await call.until('the goAway', () => call.eventsWith({ outputTranscription: {} }).length === 2);
    await clock.advance(4_900);
    expect(call.model.open).toBe(true);
    await clock.advance(100);
    const next = await call.connection(1);
    expect(resumptionOf(next)).toEqual({ handle: 'before' });
    expect(await next.received(1)).toMatchObject([
      { clientContent: { turns: [{ parts: [{ text: 'Tell me.' }] }] } },
    ]);
    const from = call.events.length;
    next.send(voice(40), caption('Once again.'), generationComplete(), turnComplete());
    await call.event({ turnComplete: true }, from);
    expect(call.eventsWith({ outputTranscription: { finished: true } })).toMatchObject([
      { outputTranscription: { text: 'Once upon a time there was' } },
      { outputTranscription: { text: 'Once again.' } },
    ]);
    expect(call.events.slice(from).some((event) => mediaOf(event))).toBe(true);
    expect(gapsOf(call)).toEqual(['interrupted']);
  });

  it.each([
    ['1000', (model: ModelSide) => model.hangUp(1000)],
    ['1006', (model: ModelSide) => model.cut()],
    ['1011', (model: ModelSide) => model.hangUp(1011, 'Internal error encountered.')],
  ])('E7 goes on over a new connection after %s, with no history sent again', async (_code, lose) => {
    const { call, clock } = await timed();
    await exchange(call, 'Hello', 'Good morning.', 'handle');
    lose(call.model);
    const next = await clock.passing(call.connection(1));
    expect(resumptionOf(next)).toEqual({ handle: 'handle' });
    await resumed(call, 1);
    await exchange(call, 'Again', 'Good evening.');
    expect(next.messages).toMatchObject([{ clientContent: { turns: [{ parts: [{ text: 'Again' }] }] } }]);
    expect(new Set(call.events.map(({ invocationId }) => invocationId)).size).toBe(1);
    expect(gapsOf(call)).toEqual([]);
  });

  it('E8 tells a new session the history after a loss without a handle, and the client of the restart', async () => {
    const { call, clock } = await timed();
    await exchange(call, 'My name is Ada.', 'Hello Ada.');
    call.queue.sendContent(typed('What is my name?'));
    await call.model.received(2);
    call.model.cut();
    const next = await clock.passing(call.connection(1));
    expect(resumptionOf(next)).toEqual({});
    await call.event({ liveSessionRestarted: { reason: 'connection_lost', seededWith: 'history' } });
    const [seed, question, ...others] = await next.received(2);
    expect(seed).toMatchObject({
      clientContent: { turns: [{ role: 'user', parts: [{ text: 'My name is Ada.' }] }, { role: 'user' }] },
    });
    expect(JSON.stringify(seed)).toContain('Hello Ada.');
    expect(JSON.stringify(seed)).not.toContain('What is my name?');
    expect(question).toMatchObject({ clientContent: { turns: [{ parts: [{ text: 'What is my name?' }] }] } });
    expect(others).toEqual([]);
  });

  it('E10 rotates twenty times on goAway', async () => {
    const { call, clock } = await timed();
    for (let at = 1; at <= 20; at++) {
      await giveHandle(call, `handle ${at}`);
      call.model.send(goAway(60));
      expect(resumptionOf(await clock.passing(call.connection(at)))).toEqual({ handle: `handle ${at}` });
      await resumed(call, at);
    }
    expect(gapsOf(call)).toEqual([]);
    await exchange(call, 'Still there?', 'Yes.');
  });

  it('E10 survives twenty losses with half a minute between them, but not nine without', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'handle');
    let connections = 1;
    const lose = async (): Promise<void> => {
      call.model.cut();
      await clock.passing(call.connection(connections));
      await resumed(call, connections);
      connections += 1;
    };
    for (let loss = 1; loss <= 20; loss++) {
      await lose();
      await clock.advance(30_000);
    }
    for (let loss = 1; loss <= 8; loss++) await lose();
    expect(gapsOf(call)).toEqual([]);
    call.model.cut();
    await clock.passing(call.event({ errorCode: 'provider_unavailable' }));
    expect(call.connections).toHaveLength(29);
  });

  it('E12 holds audio while the connection is renewed, the last ten seconds of it, and sends it in order', async () => {
    const { call, clock } = await timed();
    await giveHandle(call, 'handle');
    call.model.cut();
    await call.model.ended();
    for (let fill = 1; fill <= 120; fill++) call.queue.sendRealtime(microphone(100, fill));
    const next = await clock.passing(call.connection(1));
    const sent = await next.received(100);
    expect(sent.map(soundOf)).toEqual(Array.from({ length: 100 }, (_, at) => at + 21));
    call.queue.sendRealtime(microphone(100, 121));
    expect((await next.received(101)).map(soundOf).at(-1)).toBe(121);
  });

  it('E13 sends in transparent mode only what the model had not consumed', async () => {
    const { call, clock } = await timed({
      api: 'vertex',
      runConfig: { sessionResumption: { transparent: true } },
    });
    expect(resumptionOf(call.model)).toMatchObject({ transparent: true });
    for (let fill = 1; fill <= 5; fill++) call.queue.sendRealtime(microphone(100, fill));
    await call.model.received(5);
    await giveHandle(call, 'handle', '3');
    call.model.cut();
    const next = await clock.passing(call.connection(1));
    expect(resumptionOf(next)).toEqual({ transparent: true, handle: 'handle' });
    call.queue.sendRealtime(microphone(100, 6));
    expect((await next.received(3)).map(soundOf)).toEqual([4, 5, 6]);
  });

  it('E14 goes on in another Runner, on the same session, with the handle that was kept', async () => {
    const { call } = await timed({ seal });
    await exchange(call, 'My name is Ada.', 'Hello Ada.', 'handle');
    call.abort();
    await call.over();
    const [kept] = call.eventsWith({ liveSessionResumptionUpdate: { resumable: true } });
    const sealed = kept?.liveSessionResumptionUpdate?.newHandle;
    expect(sealed).toBe('sealed handle');
    const { sessions } = call;
    const { call: other } = await timed({
      sessions,
      seal,
      runConfig: { sessionResumption: { handle: sealed } },
    });
    expect(other.runner).not.toBe(call.runner);
    expect(resumptionOf(other.model)).toEqual({ handle: 'handle' });
    await exchange(other, 'What is my name?', 'Ada.');
    expect(other.model.messages).toHaveLength(1);
    const words = (await other.stored()).flatMap((event) => event.content?.parts[0]?.text ?? []);
    expect(words).toEqual(['My name is Ada.', 'What is my name?']);
    expect(other.key).toEqual(KEY);
  });

  it("E15 sends history that ends with the user's words as a finished turn, which is not answered", async () => {
    const { call } = await timed();
    await exchange(call, 'My name is Ada.', 'Hello Ada.');
    call.queue.sendContent(typed('What is my name?'));
    await call.model.received(2);
    await call.end();
    const { call: later } = await timed({ sessions: call.sessions, scenario: 'quick' });
    expect(later.model.setup['historyConfig']).toEqual({ initialHistoryInClientContent: true });
    const [seed] = await later.model.received(1);
    expect(seed).toMatchObject({ clientContent: { turnComplete: true } });
    expect(JSON.stringify(seed)).toMatch(/My name is Ada\..*Hello Ada\..*What is my name\?/);
    later.queue.sendContent(typed('Please repeat my name.'));
    await later.event({ turnComplete: true });
    await later.end();
    expect(gapsOf(later)).toEqual([]);
    expect(later.model.messages).toHaveLength(2);
    expect(later.eventsWith({ turnComplete: true })).toHaveLength(1);
    expect(later.eventsWith({ outputTranscription: { finished: true } })).toHaveLength(1);
  });

  it('E16 sends of the history no audio but its transcriptions, joined for each speaker', async () => {
    const { call } = await timed({ runConfig: { saveLiveBlob: true } });
    call.queue.sendRealtime(microphone(100));
    await call.model.received(1);
    call.model.send(heard('What is', { finished: true }), heard('the time?', { finished: true }));
    call.model.send(
      voice(40),
      caption('It is', { finished: true }),
      voice(40),
      caption('noon.', { finished: true }),
    );
    call.model.send(generationComplete(), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    expect((await call.stored()).some((event) => event.content?.parts[0]?.fileData)).toBe(true);
    expect((await call.stored()).some((event) => mediaOf(event))).toBe(false);
    const { call: later } = await timed({ sessions: call.sessions });
    const [seed] = await later.model.received(1);
    expect(seed).toMatchObject({
      clientContent: {
        turns: [
          { role: 'user', parts: [{ text: expect.stringMatching(/^What is\s+the time\?$/) as string }] },
          { role: 'user', parts: [{ text: expect.stringMatching(/said: It is noon\.$/) as string }] },
        ],
      },
    });
    expect(JSON.stringify(seed)).not.toMatch(/inlineData|fileData/);
  });
});
