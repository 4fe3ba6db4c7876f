import { turns, until } from '@parley-testing/kernel';
import { expect, it } from 'vitest';
import type { OpenHarness } from './channel-harness.js';
import { mediaFrame, Recorder, text } from './recorder.js';

/** How channels are listened to and how they end. */
export function lifecycleContract(open: OpenHarness): void {
  it('closes as a slow consumer when too much control waits', async () => {
    const { gateway, worker, stallDown, resumeDown } = await open({ deadMs: 60_000 });
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    stallDown();
    const event = new Uint8Array(200_000);
    for (let i = 0; worker.sendControl(event); i++) {
      expect(i).toBeLessThan(1_000);
      await turns(1);
    }
    expect(below.closes).toEqual([{ outcome: 'slow_consumer', loss: undefined }]);
    resumeDown();
    await until('the gateway hears of it', () => above.closes.length === 1);
    expect(above.closes[0]?.outcome).toBe('slow_consumer');
  });

  it('tells both ends of a close once, after the control that was sent before it', async () => {
    const { gateway, worker } = await open();
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    worker.sendControl(text('last words'));
    worker.close('superseded');
    worker.close('ended');
    expect([worker.outcome, worker.sendControl(text('no')), worker.sendMedia(mediaFrame(1), 1)]).toEqual([
      'superseded',
      false,
      false,
    ]);
    await until('the close', () => above.closes.length === 1);
    expect(above.controls).toEqual(['last words']);
    expect(gateway.outcome).toBe('superseded');
    gateway.close('ended');
    await turns(10);
    for (const end of [above, below]) {
      expect(end.closes).toEqual([{ outcome: 'superseded', loss: undefined }]);
    }
  });

  it('ends both channels with link_lost when the link breaks', async () => {
    const { gateway, worker, cut } = await open();
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    cut();
    await until('both ends', () => above.closes.length === 1 && below.closes.length === 1);
    for (const end of [above, below]) {
      expect(end.closes).toEqual([{ outcome: 'link_lost', loss: 'disconnected' }]);
    }
    expect(gateway.sendControl(text('no'))).toBe(false);
  });

  it('keeps what comes before there are handlers, and delivers it first', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    worker.sendControl(text('one'));
    worker.sendMedia(mediaFrame(2), 1);
    gateway.sendControl(text('a round trip'));
    await until('time for it to come', () => below.heard.length === 1);
    await turns(20);
    const above = Recorder.on(gateway);
    worker.sendControl(text('three'));
    await until('all three', () => above.heard.length === 3);
    expect(above.heard.map((each) => (each.kind === 'control' ? each.text : each.bytes[0]))).toEqual([
      'one',
      2,
      'three',
    ]);
  });

  it('delivers what came before a close to handlers that come after it', async () => {
    const { gateway, worker } = await open();
    worker.sendControl(text('before'));
    worker.close('ended');
    await until('the close', () => gateway.outcome === 'ended');
    const above = Recorder.on(gateway);
    await until('the news', () => above.closes.length === 1);
    expect(above.controls).toEqual(['before']);
    expect(() => gateway.listen(new Recorder())).toThrow();
  });

  it('delivers nothing after this side closed, not even what it kept', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    worker.sendControl(text('kept'));
    gateway.sendControl(text('a round trip'));
    await until('time for it to come', () => below.heard.length === 1);
    await turns(20);
    const above = Recorder.on(gateway);
    gateway.close('ended');
    await until('the other end', () => below.closes.length === 1);
    expect(above.heard).toEqual([]);
    expect(above.closes).toEqual([{ outcome: 'ended', loss: undefined }]);
  });

  it('closes as a slow consumer when nobody listens for too long', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    for (let i = 0; i < 300 && worker.sendControl(text(String(i))); i++) await turns(1);
    await until('the close', () => below.closes.length === 1);
    expect([gateway.outcome, worker.outcome]).toEqual(['slow_consumer', 'slow_consumer']);
  });

  it('closes the channel of a handler that throws', async () => {
    const { gateway, worker } = await open();
    const above = Recorder.on(gateway);
    const closes: string[] = [];
    worker.listen({
      onControl: () => {
        throw new Error('a fault in a handler');
      },
      onMedia: () => undefined,
      onClose: (outcome) => void closes.push(outcome),
    });
    gateway.sendControl(text('provoke'));
    await until('the close', () => above.closes.length === 1);
    expect([above.closes[0]?.outcome, closes]).toEqual(['failed', ['failed']]);
  });
}
