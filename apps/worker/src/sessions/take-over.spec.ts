import type { Placement } from '@parley/placement';
import { DOWN_KIND } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { Fleet, had, SESSION, voice, type FleetWorker, type GatewayEnd } from '../testing/fleet.js';

interface Lost {
  readonly fleet: Fleet;
  readonly first: FleetWorker;
  readonly second: FleetWorker;
  readonly end: GatewayEnd;
  /** The grant of the next owner. */
  readonly next: Placement;
}

const HEARD = { inputTranscription: { text: 'My name is Ada.', finished: true } };
const SAID = { outputTranscription: { text: 'Hello Ada.', finished: true }, turnComplete: true };

/** A call whose worker is lost after `happens`. */
async function lost(
  happens: (first: FleetWorker, end: GatewayEnd, fleet: Fleet) => Promise<void> | void,
): Promise<Lost> {
  const fleet = new Fleet();
  const first = await fleet.worker('w1');
  const second = await fleet.worker('w2');
  const end = await fleet.open(first, await fleet.place('w1'));
  await happens(first, end, fleet);
  await fleet.clock.advance(2_000);
  await fleet.lose(first);
  return { fleet, first, second, end, next: await fleet.place('w2') };
}

const seenBy = (end: GatewayEnd): string[] =>
  end.controls.flatMap(({ id, kind }) => (id && kind !== DOWN_KIND.ack ? [id] : []));

describe('the next owner of a run', () => {
  it('tells what was stored and not heard of, under the next numbers, and then that the call goes on', async () => {
    let seen: string[] = [];
    let seq = 0;
    const { fleet, second, next } = await lost(async ({ model }, end, { clock }) => {
      model.connection.say(HEARD);
      await clock.advance(50);
      seen = seenBy(end);
      seq = end.seqs.at(-1) ?? 0;
      model.connection.say(SAID);
    });
    const reception = had({ cause: 'worker', seq, seen, turn: 0, goneMs: 400 });
    const end = await fleet.open(second, next, { after: 1, reception });
    const told = end.told('event');
    expect(told.map((message) => message['seq'])).toEqual(told.map((_, index) => seq + 1 + index));
    expect(told.map(({ event }) => JSON.stringify(event)).join()).toContain('Hello Ada.');
    expect(told.map(({ event }) => JSON.stringify(event)).join()).not.toContain('My name is Ada.');
    expect(end.heard.at(-1)).toBe('resumed');
    expect(end.told('resumed')).toMatchObject([{ cause: 'worker', recovered: true, mode: 'history' }]);
    expect([end.attach, end.told('ready')]).toEqual([2, []]);
  });

  it('takes up the session of the model with the handle, when the provider takes it', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      model.connection.say(HEARD);
      model.connection.say(SAID);
      model.connection.say({ sessionResumptionUpdate: { newHandle: 'raw', resumable: true } });
    });
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end), turn: 1 });
    const back = await fleet.open(second, next, { after: 1, reception });
    expect(second.model.configs[0]?.sessionResumption).toMatchObject({ handle: 'raw' });
    expect(back.told('resumed')).toMatchObject([{ recovered: true, mode: 'handle' }]);
  });

  it('says so when the provider does not take it', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      model.connection.say(HEARD);
      model.connection.say(SAID);
      model.connection.say({ sessionResumptionUpdate: { newHandle: 'raw', resumable: true } });
    });
    second.model.takesHandles = false;
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end), turn: 1 });
    const back = await fleet.open(second, next, { after: 1, reception });
    expect(back.told('resumed')).toMatchObject([{ mode: 'history' }]);
  });

  it('has nothing to tell the model when nothing had been said', async () => {
    const { fleet, second, next } = await lost(() => undefined);
    const back = await fleet.open(second, next, { after: 1, reception: had({ cause: 'worker' }) });
    expect(back.told('resumed')).toMatchObject([{ mode: 'fresh', recovered: true }]);
  });

  it('interrupts the turn that was open, and numbers the next one on', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      for (let n = 0; n < 5; n++) model.connection.say(voice(100));
    });
    const reception = had({
      cause: 'worker',
      seq: end.seqs.at(-1) ?? 0,
      seen: seenBy(end),
      turn: 1,
      turnOpen: true,
    });
    const back = await fleet.open(second, next, { after: 1, reception });
    second.model.connection.say(voice(100));
    await fleet.clock.advance(50);
    expect(back.of(DOWN_KIND.interrupted).map(({ turn }) => turn)).toEqual([1]);
    expect(back.audio).toEqual(['2.0']);
  });

  it('acknowledges a message that was stored before, and gives it to the model no second time', async () => {
    const { fleet, second, end, next } = await lost(async ({ model }, call, { clock }) => {
      call.send({ type: 'text', id: 'm1', text: 'Hello?' });
      await clock.advance(50);
      model.connection.say(SAID);
    });
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end), turn: 1 });
    const back = await fleet.open(second, next, { after: 1, reception });
    back.send({ type: 'text', id: 'm1', text: 'Hello?' });
    await fleet.clock.advance(50);
    expect(back.told('ack').at(-1)).toEqual({ type: 'ack', id: 'm1' });
    expect(second.model.connection.sent).toEqual([]);
    const { events = [] } = (await fleet.sessions.getSession(SESSION)) ?? {};
    expect(events.filter(({ id }) => id === 'e-1.in.m1')).toHaveLength(1);
  });

  it('claims no continuity to a client that can name nothing of what it has had', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      model.connection.say(HEARD);
      model.connection.say(SAID);
    });
    const seq = end.seqs.at(-1) ?? 0;
    const back = await fleet.open(second, next, { after: 1, reception: had({ seq, turn: 1 }) });
    expect([back.told('resumed'), back.told('event')]).toMatchObject([[{ recovered: false }], []]);
  });

  it('refuses who was replaced before the worker was lost', async () => {
    const { fleet, second, next } = await lost(async (first, _end, fleet) => {
      const grant = await fleet.place('w1');
      for (let after = 1; after <= 3; after++) await fleet.open(first, grant, { after });
    });
    await expect(fleet.open(second, next, { after: 2 })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await fleet.open(second, next, { after: 4 })).attach).toBe(5);
  });

  it('goes on without the journal', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      model.connection.say(HEARD);
      model.connection.say(SAID);
    });
    await fleet.journal.forget('live_1');
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end), turn: 1 });
    const back = await fleet.open(second, next, { after: 7, reception });
    expect([back.attach, back.told('resumed')]).toMatchObject([8, [{ recovered: true, mode: 'history' }]]);
  });

  it('does not end a run that it can not take up, but leaves it to be tried again', async () => {
    const { fleet, second, end, next } = await lost(({ model }) => {
      model.connection.say(HEARD);
    });
    const { sessions } = fleet;
    const read = sessions.getSession.bind(sessions);
    sessions.getSession = () => Promise.reject(new Error('the database is away'));
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end) });
    await expect(fleet.open(second, next, { after: 1, reception })).rejects.toThrow('the database is away');
    await fleet.clock.advance(10_000);
    sessions.getSession = read;
    const back = await fleet.open(second, await fleet.place('w2'), { after: 1, reception });
    expect(back.told('resumed')).toHaveLength(1);
  });

  it('may be the owner of before, whose store failed: it ends nothing and takes the run up anew', async () => {
    const fleet = new Fleet();
    const worker = await fleet.worker('w1');
    const grant = await fleet.place('w1');
    const end = await fleet.open(worker, grant);
    const append = fleet.sessions.appendEvent.bind(fleet.sessions);
    fleet.sessions.appendEvent = () => Promise.reject(new Error('the disk is slow'));
    worker.model.connection.say(SAID);
    await fleet.clock.advance(2_000);
    expect([end.outcome, end.told('ended'), end.told('error')]).toEqual(['stale', [], []]);
    fleet.sessions.appendEvent = append;
    const reception = had({ cause: 'worker', seq: end.seqs.at(-1) ?? 0, seen: seenBy(end) });
    const back = await fleet.open(worker, grant, { after: 1, reception });
    expect(back.told('resumed')).toHaveLength(1);
  });
});
