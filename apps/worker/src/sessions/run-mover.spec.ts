import { DOWN_KIND } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { Fleet, had, voice, type FleetWorker, type GatewayEnd } from '../testing/fleet.js';

interface Leaving {
  readonly fleet: Fleet;
  readonly first: FleetWorker;
  readonly second: FleetWorker;
  readonly end: GatewayEnd;
}

async function leaving(capacity?: number): Promise<Leaving> {
  const fleet = new Fleet();
  const first = await fleet.worker('w1');
  const second = await fleet.worker('w2', capacity === undefined ? {} : { capacity });
  return { fleet, first, second, end: await fleet.open(first, await fleet.place('w1')) };
}

/** Follows what the gateway was told. */
async function follow({ fleet, second, end }: Leaving): Promise<GatewayEnd> {
  const moved = JSON.parse(end.of(DOWN_KIND.moved)[0]?.json ?? '{}') as { liveId: string; epoch: number };
  const seen = end.controls.flatMap(({ id }) => (id ? [id] : []));
  const reception = had({ cause: 'drain', seq: end.seqs.at(-1) ?? 0, seen, turn: 1 });
  return fleet.open(
    second,
    { ...moved, workerId: 'w2', incarnation: 'w2-1', address: '' },
    { after: 1, reception },
  );
}

describe('a worker that drains', () => {
  it('moves a call that is idle at once, and its gateway goes on elsewhere', async () => {
    const all = await leaving();
    const { fleet, first, second, end } = all;
    first.model.connection.say({ outputTranscription: { text: 'Hi.', finished: true }, turnComplete: true });
    first.model.connection.say({ sessionResumptionUpdate: { newHandle: 'raw', resumable: true } });
    await fleet.clock.advance(10);
    const drained = first.host.drain();
    await fleet.clock.advance(500);
    await drained;
    expect(end.heard.slice(-1)).toEqual(['moved']);
    expect([end.outcome, end.told('ended'), first.model.connection.closed]).toEqual(['moved', [], true]);
    const back = await follow(all);
    expect(back.told('resumed')).toMatchObject([{ cause: 'drain', recovered: true, mode: 'handle' }]);
    const seqs = [...end.seqs, ...back.seqs];
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(second.model.connections).toHaveLength(1);
    expect(await fleet.metric('live_drain_seconds_count' as 'live_drain_seconds')).toBe(1);
  });

  it('lets a reply that is under way be said and heard to its end', async () => {
    const { fleet, first, end } = await leaving();
    first.model.connection.safeToLeave = false;
    for (let n = 0; n < 80; n++) first.model.connection.say(voice(100));
    await fleet.clock.advance(10);
    const drained = first.host.drain();
    await fleet.clock.advance(2_000);
    first.model.connection.say({
      outputTranscription: { text: 'All of it.', finished: true },
      turnComplete: true,
    });
    first.model.connection.safeToLeave = true;
    await fleet.clock.advance(3_000);
    expect(end.outcome).toBeUndefined();
    await fleet.clock.advance(4_000);
    await drained;
    expect([end.audio.length, end.outcome]).toEqual([80, 'moved']);
    expect(end.of(DOWN_KIND.turnComplete)).toHaveLength(1);
    expect(end.heard.at(-1)).toBe('moved');
  });

  it('waits 15 s for a reply that does not end, no longer', async () => {
    const { fleet, first, end } = await leaving();
    first.model.connection.safeToLeave = false;
    const drained = first.host.drain();
    await fleet.clock.advance(14_900);
    expect(end.outcome).toBeUndefined();
    await fleet.clock.advance(200);
    await drained;
    expect(end.outcome).toBe('moved');
  });

  it('moves all calls at the same time', async () => {
    const fleet = new Fleet();
    const first = await fleet.worker('w1');
    await fleet.worker('w2');
    for (let n = 0; n < 20; n++) {
      const liveId = `live_${n}`;
      const placed = await fleet.placement.place({
        liveId,
        scope: liveId,
        tenantId: 't',
        cost: 100,
        candidates: ['w1'],
      });
      if (placed.kind !== 'placed') throw new Error(placed.kind);
      await fleet.open(first, placed, { sessionId: liveId });
    }
    for (const connection of first.model.connections) connection.safeToLeave = false;
    const drained = first.host.drain();
    await fleet.clock.advance(15_100);
    await drained;
    expect(await fleet.metric('live_moves_total')).toBe(20);
    expect(first.model.connections.every(({ closed }) => closed)).toBe(true);
  });

  it('moves a call whose client is away, too', async () => {
    const { fleet, first, end } = await leaving();
    end.pair.cut();
    await fleet.clock.advance(5);
    const drained = first.host.drain();
    await fleet.clock.advance(500);
    await drained;
    expect(await fleet.placement.find('live_1')).toMatchObject({ workerId: 'w2' });
  });

  it('goes on with a call for which nobody has room, and leaves it behind at 18 s', async () => {
    const { fleet, first, end } = await leaving(0);
    const drained = first.host.drain();
    await fleet.clock.advance(10_000);
    end.send({ type: 'text', text: 'Still there?' });
    await fleet.clock.advance(10);
    expect(first.model.connection.sent).toMatchObject([{ kind: 'content' }]);
    await fleet.clock.advance(8_500);
    await drained;
    expect([end.outcome, end.told('ended'), first.model.connection.closed]).toEqual([undefined, [], true]);
    await fleet.lose(first);
    expect(await fleet.placement.find('live_1')).toMatchObject({ state: 'orphaned' });
  });

  it('takes no new call, and takes back the client of one that it still has', async () => {
    const { fleet, first, end } = await leaving();
    first.model.connection.safeToLeave = false;
    const grant = await fleet.place('w1');
    const drained = first.host.drain();
    const other = { ...grant, liveId: 'live_2' };
    await expect(fleet.open(first, other)).rejects.toMatchObject({ code: 'draining', retryable: true });
    end.pair.cut();
    await fleet.clock.advance(5);
    const back = await fleet.open(first, grant, { after: 1, reception: had({}) });
    expect(back.heard.slice(0, 2)).toEqual(['attached', 'resumed']);
    await fleet.clock.advance(16_000);
    await drained;
    expect(back.outcome).toBe('moved');
  });
});

describe('a run that the registry speaks of', () => {
  it('is moved when no gateway reaches it here', async () => {
    const { fleet, first, end } = await leaving();
    first.host.wanted(['live_1', 'live_unknown']);
    await fleet.clock.advance(500);
    expect(end.outcome).toBe('moved');
  });

  it("is dropped with nothing said when it was placed elsewhere, and its end is not this worker's to tell", async () => {
    const { fleet, first, end } = await leaving();
    const grant = await fleet.place('w1');
    await fleet.placement.move({ liveId: 'live_1', epoch: grant.epoch, candidates: ['w2'] });
    await first.host.revoked(['live_1']);
    await fleet.clock.advance(50);
    expect([end.outcome, end.told('ended'), first.model.connection.closed]).toEqual(['stale', [], true]);
    expect(await fleet.placement.find('live_1')).toMatchObject({ workerId: 'w2' });
  });

  it('stays when it has come back since', async () => {
    const { fleet, first, end } = await leaving();
    await first.host.revoked(['live_1']);
    await fleet.clock.advance(50);
    expect(end.outcome).toBeUndefined();
  });
});
