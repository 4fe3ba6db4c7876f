import { DOWN_KIND } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { Fleet, had, voice, type FleetWorker, type GatewayEnd } from '../testing/fleet.js';
import type { Placement } from '@parley/placement';

interface Call {
  readonly fleet: Fleet;
  readonly worker: FleetWorker;
  readonly grant: Placement;
  readonly end: GatewayEnd;
}

async function call(): Promise<Call> {
  const fleet = new Fleet();
  const worker = await fleet.worker('w1');
  const grant = await fleet.place('w1');
  const end = await fleet.open(worker, grant);
  return { fleet, worker, grant, end };
}

const caption = (text: string) => ({ outputTranscription: { text, finished: true } });

describe('a client that is away', () => {
  it('misses no message: the numbers go on without a hole when it is back', async () => {
    const { fleet, worker, grant, end } = await call();
    worker.model.connection.say({ inputTranscription: { text: 'one', finished: true } });
    await fleet.clock.advance(5);
    end.pair.cut();
    await fleet.clock.advance(5);
    worker.model.connection.say({ inputTranscription: { text: 'two', finished: true } });
    worker.model.connection.say(caption('three'));
    worker.model.connection.say({ turnComplete: true });
    await fleet.clock.advance(1_000);
    const reception = had({ seq: end.seqs.at(-1) ?? 0, goneMs: 900 });
    const back = await fleet.open(worker, grant, { after: 1, reception });
    worker.model.connection.say({ inputTranscription: { text: 'four', finished: true } });
    await fleet.clock.advance(5);
    const seqs = [...end.seqs, ...back.seqs];
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBeGreaterThanOrEqual(4);
    expect(back.heard.slice(0, 2)).toEqual(['attached', 'resumed']);
    expect(back.told('resumed')).toEqual([
      { type: 'resumed', cause: 'client', recovered: true, mode: 'live', gapMs: 900 },
    ]);
    expect(worker.model.connections).toHaveLength(1);
    expect(await fleet.metric('live_replayed_messages_total')).toBeGreaterThan(0);
  });

  it('is told when the memory does not reach back to where it was', async () => {
    const { fleet, worker, grant, end } = await call();
    end.pair.cut();
    await fleet.clock.advance(5);
    for (let n = 0; n < 600; n++) {
      worker.model.connection.say({ inputTranscription: { text: `word ${n}`, finished: true } });
      await fleet.clock.advance(1);
    }
    const back = await fleet.open(worker, grant, { after: 1, reception: had({ seq: 1 }) });
    worker.model.connection.say({ inputTranscription: { text: 'newer', finished: true } });
    await fleet.clock.advance(500);
    expect(back.told('resumed')).toMatchObject([{ recovered: false }]);
    expect(back.outcome).toBeUndefined();
    expect(back.seqs.length).toBeGreaterThanOrEqual(512);
    expect(JSON.stringify(back.told('event').at(-1))).toContain('newer');
    expect(back.seqs).toEqual(back.seqs.map((_, index) => (back.seqs[0] ?? 0) + index));
  });

  it('hears the rest of the turn from where it was heard, each frame under its number', async () => {
    const { fleet, worker, grant, end } = await call();
    for (let n = 0; n < 30; n++) worker.model.connection.say(voice(100));
    worker.model.connection.say(caption('All of it.'));
    await fleet.clock.advance(500);
    end.pair.cut();
    await fleet.clock.advance(60_000);
    const sentBefore = end.audio.length;
    expect(sentBefore).toBeLessThan(20);
    const reception = had({ seq: end.seqs.at(-1) ?? 0, played: { turn: 1, ms: 700 } });
    const back = await fleet.open(worker, grant, { after: 1, reception });
    await fleet.clock.advance(10_000);
    expect(back.audio).toEqual(Array.from({ length: 23 }, (_, index) => `1.${index + 7}`));
    expect(JSON.stringify(back.told('event').at(-1))).toContain('All of it.');
    // control overtakes what waits to be sent, no more
    expect(back.heard.indexOf('event')).toBeGreaterThan(back.heard.indexOf('1.20'));
  });

  it('hears nothing of a turn that was interrupted meanwhile (I10)', async () => {
    const { fleet, worker, grant, end } = await call();
    for (let n = 0; n < 30; n++) worker.model.connection.say(voice(100));
    await fleet.clock.advance(500);
    end.pair.cut();
    await fleet.clock.advance(5);
    worker.model.connection.say({ interrupted: true });
    worker.model.connection.say({ turnComplete: true });
    worker.model.connection.say(voice(100));
    await fleet.clock.advance(1_000);
    const back = await fleet.open(worker, grant, { after: 1, reception: had({ seq: 0 }) });
    await fleet.clock.advance(10_000);
    expect(back.audio).toEqual(['2.0']);
    expect(back.of(DOWN_KIND.interrupted)).toHaveLength(1);
  });

  it('is waited for as long as the window is, and then the call ends', async () => {
    const { fleet, worker, grant, end } = await call();
    end.pair.cut();
    await fleet.clock.advance(119_000);
    expect([worker.model.connection.closed, await fleet.metric('live_detached_sessions')]).toEqual([
      false,
      1,
    ]);
    await fleet.clock.advance(2_000);
    expect(worker.model.connection.closed).toBe(true);
    expect((await fleet.metrics.expose()).body).toContain('live_session_ends_total{reason="idle"} 1');
    expect([await fleet.placement.find(grant.liveId), await fleet.journal.load(grant.liveId)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await fleet.metric('live_detached_sessions')).toBe(0);
  });

  it('is not waited for when it hung up', async () => {
    const { fleet, worker, end } = await call();
    end.pair.gateway.close('ended');
    await fleet.clock.advance(1_000);
    expect(worker.model.connection.closed).toBe(true);
  });
});

describe('a worker that may have been replaced', () => {
  it('lets nothing leave a run until it may, and then everything, in order', async () => {
    const { fleet, worker, end } = await call();
    worker.host.hold();
    const before = end.heard.length;
    for (let n = 0; n < 3; n++) worker.model.connection.say(voice(100));
    worker.model.connection.say({ inputTranscription: { text: 'one', finished: true } });
    worker.model.connection.say({ inputTranscription: { text: 'two', finished: true } });
    end.send({ type: 'text', text: 'Hello?' });
    await fleet.clock.advance(500);
    expect([end.heard.length - before, worker.model.connection.sent]).toEqual([0, []]);
    worker.host.release();
    await fleet.clock.advance(500);
    expect(end.seqs).toEqual(end.seqs.map((_, index) => index + 1));
    expect(end.audio).toEqual(['1.0', '1.1', '1.2']);
    expect(worker.model.connection.sent).toMatchObject([{ kind: 'content' }]);
  });
});

describe('who comes to a call', () => {
  it('is refused when somebody came since, but not within 30 s of that', async () => {
    const { fleet, worker, grant } = await call();
    const second = await fleet.open(worker, grant, { after: 1, reception: had({}) });
    const third = await fleet.open(worker, grant, { after: 1, reception: had({}) });
    expect([second.outcome, third.attach]).toEqual(['superseded', 3]);
    await fleet.clock.advance(31_000);
    await expect(fleet.open(worker, grant, { after: 2 })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(fleet.open(worker, grant, { after: 1 })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(third.outcome).toBeUndefined();
    third.pair.cut();
    await fleet.clock.advance(5);
    expect((await fleet.open(worker, grant, { after: 2 })).attach).toBe(4);
  });

  it('with a fresh token takes the call over from another device, and is told that the call is new to it', async () => {
    const { fleet, worker, grant, end } = await call();
    const other = await fleet.open(worker, grant);
    expect([end.outcome, other.attach]).toEqual(['superseded', 2]);
    expect(other.heard.slice(0, 2)).toEqual(['attached', 'ready']);
    expect(worker.model.connections).toHaveLength(1);
  });
});

describe('what a client sends', () => {
  it('is acknowledged once it is stored, and given to the model once, however often it comes', async () => {
    const { fleet, worker, end } = await call();
    end.send({ type: 'text', id: 'm1', text: 'Hello?' });
    await fleet.clock.advance(50);
    end.send({ type: 'text', id: 'm1', text: 'Hello?' });
    await fleet.clock.advance(50);
    const given = worker.model.connection.sent.filter(({ kind }) => kind === 'content');
    expect(given).toHaveLength(1);
    expect(end.of(DOWN_KIND.ack).map(({ id, json }) => [id, json])).toEqual([
      ['m1', '{"type":"ack","id":"m1"}'],
      ['m1', '{"type":"ack","id":"m1"}'],
    ]);
  });

  it('is settled as soon as the model has it, as far as it has it', async () => {
    const { fleet, worker, end } = await call();
    worker.model.connection.unsettledAudioMs = 150;
    for (let n = 0; n < 10; n++) end.speak(100);
    await fleet.clock.advance(300);
    expect(end.of(DOWN_KIND.settled).map(({ turn }) => turn)).toEqual([8]);
    worker.model.connection.unsettledAudioMs = 0;
    await fleet.clock.advance(300);
    expect(end.of(DOWN_KIND.settled).map(({ turn }) => turn)).toEqual([8, 10]);
  });

  it('may come from up to eight others, who are told what came of it', async () => {
    const { fleet, worker, grant, end } = await call();
    const writers = [];
    for (let n = 0; n < 8; n++) writers.push(await fleet.open(worker, grant, { role: 'writer', after: 1 }));
    await expect(fleet.open(worker, grant, { role: 'writer', after: 1 })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    for (const after of [undefined, 7]) {
      const late = fleet.open(worker, grant, { role: 'writer', ...(after === undefined ? {} : { after }) });
      await expect(late).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    writers[3]?.send({ type: 'text', id: 'w3', text: 'Hi.' });
    writers[4]?.send({ type: 'nonsense' });
    await fleet.clock.advance(50);
    const [third, fourth] = [writers[3], writers[4]];
    expect([third?.told('ack'), fourth?.told('error').length]).toEqual([[{ type: 'ack', id: 'w3' }], 1]);
    expect([end.told('ack').length, end.told('error').length, writers[5]?.controls]).toEqual([1, 1, []]);
    writers[0]?.pair.gateway.close('ended');
    await fleet.clock.advance(50);
    expect([end.outcome, (await fleet.open(worker, grant, { role: 'writer', after: 1 })).outcome]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('kills the worker where that is allowed', async () => {
    const { fleet, worker, end } = await call();
    end.send({ type: 'dev.crash' });
    await fleet.clock.advance(5);
    expect(worker.crashed).toBe(1);
  });
});
