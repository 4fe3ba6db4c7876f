import { describe, expect, it } from 'vitest';
import { brokenCall, failure, liveCall } from './testing/live-call.js';

describe('a call whose line is lost', () => {
  it('goes on over another one, and tells both', async () => {
    const { clock, gateway, client, told } = await brokenCall();
    expect(client.phase).toBe('reconnecting');
    await clock.advance(0);
    await clock.advance(300);
    expect(gateway.resume({ mode: 'handle' })).toMatchObject({ token: 'way-back-1', seq: 0 });
    expect(client.phase).toBe('live');
    expect(told).toEqual([
      ['reconnecting', { attempt: 1, reason: 'gone', inMs: 0 }],
      ['resumed', { cause: 'client', mode: 'handle', recovered: true, gapMs: 300 }],
    ]);
    expect(client.stats.reconnects).toBe(1);
  });

  it('uses the newest way back', async () => {
    const { clock, gateway } = await brokenCall();
    await clock.advance(0);
    gateway.resume();
    gateway.line.hangUp(1006);
    await clock.advance(0);
    expect(gateway.resume()?.token).toBe('way-back-2');
  });

  it('dials at once, then with pauses that double up to the longest', async () => {
    const { clock, gateway, told } = await brokenCall({ reconnect: { maxDelayMs: 3_000 } });
    for (let attempt = 1; attempt <= 7; attempt++) {
      const [, retry] = told.at(-1) ?? [];
      await clock.advance((retry as { inMs: number }).inMs);
      gateway.line.hangUp(1006);
    }
    const pauses = told.map(([, retry]) => (retry as { inMs: number }).inMs);
    expect(pauses).toEqual([0, 250, 500, 1_000, 2_000, 3_000, 3_000, 3_000]);
  });

  it('draws each pause by chance', async () => {
    const { clock, gateway, told } = await brokenCall({ random: () => 0.75 });
    await clock.advance(0);
    gateway.line.hangUp(1006);
    expect(told.at(-1)).toEqual(['reconnecting', { attempt: 2, reason: 'close code 1006', inMs: 62.5 }]);
  });

  it('waits as long as the server asks it to', async () => {
    const { clock, gateway, told } = await liveCall();
    gateway.line.sayAnything(failure('capacity_exhausted', { retryAfterMs: 2_000 }));
    gateway.line.hangUp(4503);
    expect(told).toEqual([['reconnecting', { attempt: 1, reason: 'Sorry.', inMs: 2_000 }]]);
    await clock.advance(1_999);
    expect(gateway.lines).toHaveLength(1);
    await clock.advance(1);
    expect(gateway.lines).toHaveLength(2);
  });

  it('gives up an address that does not answer, without ending the call', async () => {
    const { clock, gateway, client } = await brokenCall();
    await clock.advance(5_000);
    expect(gateway.lines[1]?.closedWith?.code).toBe(4408);
    await clock.advance(250);
    gateway.line.accept();
    await clock.advance(19_999);
    expect(gateway.lines[2]?.closedWith).toBeUndefined();
    await clock.advance(1);
    expect(gateway.lines[2]?.closedWith?.code).toBe(4408);
    expect(client.phase).toBe('reconnecting');
  });

  it('is over when the server has not been reached within its window', async () => {
    const { clock, gateway, client, names, told } = await liveCall({}, 10_000);
    gateway.line.hangUp(1006);
    for (let second = 0; second < 40; second++) {
      await clock.advance(250);
      if (!gateway.line.closedWith) gateway.line.hangUp(1006, 'refused');
    }
    expect(client.phase).toBe('closed');
    expect(names().filter((name) => name === 'closed')).toHaveLength(1);
    expect(told.at(-1)).toMatchObject(['closed', { code: 1006, reason: 'refused', canResume: true }]);
    const dialled = gateway.lines.length;
    await clock.advance(600_000);
    expect(gateway.lines).toHaveLength(dialled);
  });

  it('is over when the server says that it is', async () => {
    for (const code of ['session_not_found', 'superseded', 'unauthenticated'] as const) {
      const { clock, gateway, client, names } = await brokenCall();
      await clock.advance(0);
      gateway.line.accept();
      gateway.line.sayAnything(failure(code));
      gateway.line.hangUp(undefined);
      expect(client.phase).toBe('closed');
      expect(names()).toEqual(['reconnecting', 'error', 'closed']);
    }
  });

  it('goes on after the closes that leave it alive, and after no other', async () => {
    const codes = [
      1000, 1001, 1005, 1006, 1012, 4400, 4401, 4403, 4404, 4408, 4409, 4413, 4440, 4500, 4502, 4503,
    ];
    const survived: number[] = [];
    for (const code of codes) {
      const { gateway, client } = await liveCall();
      gateway.line.hangUp(code);
      if (client.phase === 'reconnecting') survived.push(code);
    }
    expect(survived).toEqual([1001, 1005, 1006, 1012, 4408, 4413, 4500, 4502, 4503]);
  });

  it('takes the word of the server over the close code', async () => {
    const spent = await liveCall();
    spent.gateway.line.sayAnything(failure('provider_quota', { retryable: false }));
    spent.gateway.line.hangUp(4502);
    expect(spent.client.phase).toBe('closed');
    const ended = await liveCall();
    ended.gateway.line.say({ type: 'ended', reason: 'agent' });
    ended.gateway.line.hangUp(1006);
    expect(ended.told).toMatchObject([['closed', { ended: 'agent' }]]);
  });

  it('ends with it where there is no way back, or none is wanted', async () => {
    const { gateway, client, names } = await liveCall({ reconnect: false });
    gateway.line.hangUp(1006);
    expect(client.phase).toBe('closed');
    expect(names()).toEqual(['closed']);
  });

  it('notices a line that fell silent, and leaves it without ending the call', async () => {
    const { clock, gateway, client } = await liveCall();
    await clock.advance(5_000);
    gateway.line.say({ type: 'pong', t: 5_000 });
    await clock.advance(15_000);
    expect(gateway.lines[0]?.closedWith?.code).toBe(4408);
    expect(client.phase).toBe('reconnecting');
  });
});

describe('a gateway that leaves', () => {
  const NOTICE = { type: 'goaway', inMs: 20_000, spreadMs: 5_000, reason: 'drain' } as const;

  it('serves until the call has moved, at a moment drawn by chance', async () => {
    const { clock, gateway, client, names } = await liveCall({ random: () => 0.5 });
    const [old] = gateway.lines;
    old?.say(NOTICE);
    await clock.advance(2_499);
    expect(gateway.lines).toHaveLength(1);
    await clock.advance(1);
    expect(gateway.lines).toHaveLength(2);
    client.sendText('on the old line', 'a');
    old?.sayEvent(1, {});
    expect(old?.messages.at(-1)).toMatchObject({ type: 'text', id: 'a' });
    expect(gateway.resume()).toMatchObject({ seq: 1, token: 'way-back-1' });
    expect(client.phase).toBe('live');
    expect(gateway.line.messages.at(-1)).toMatchObject({ type: 'text', id: 'a' });
    expect(old?.closedWith?.code).toBe(4409);
    expect(names()).toEqual(['resumed']);
  });

  it('may take its line away for the new one before that is answered', async () => {
    const { clock, gateway, client, names } = await liveCall();
    gateway.line.say(NOTICE);
    await clock.advance(0);
    gateway.line.accept();
    gateway.lines[0]?.sayAnything(failure('superseded'));
    gateway.lines[0]?.hangUp(4409);
    expect(client.sendText('between', 'a')).toBe(true);
    gateway.resume();
    expect(names()).toEqual(['resumed']);
    expect(gateway.line.messages.at(-1)).toMatchObject({ type: 'text', id: 'a' });
  });

  it('goes on serving while other gateways do not take the call', async () => {
    const { clock, gateway, client, names } = await liveCall();
    const [old] = gateway.lines;
    old?.say(NOTICE);
    await clock.advance(0);
    gateway.line.accept();
    client.sendText('held back', 'a');
    gateway.line.hangUp(4503);
    expect(old?.messages.at(-1)).toMatchObject({ type: 'text', id: 'a' });
    old?.hangUp(4503);
    expect(client.phase).toBe('reconnecting');
    await clock.advance(0);
    gateway.resume();
    expect(names()).toEqual(['reconnecting', 'resumed']);
  });

  it('does not take the call back from another device', async () => {
    const { gateway, client } = await liveCall();
    gateway.line.say(NOTICE);
    gateway.line.hangUp(4409);
    expect(client.phase).toBe('closed');
  });
});

describe('hanging up around a break', () => {
  it('ends the call at once, with nothing left to run', async () => {
    const { clock, gateway, client, told } = await brokenCall();
    await clock.advance(0);
    client.close();
    expect(gateway.line.closedWith).toEqual({ code: 1000, reason: 'client' });
    expect(told.at(-1)).toMatchObject(['closed', { code: 1000, reason: 'client' }]);
    await clock.advance(600_000);
    expect(gateway.lines).toHaveLength(2);
  });

  it('ends it also for one who does so on hearing of the break', async () => {
    const { clock, gateway, client, names } = await liveCall();
    client.on('reconnecting', () => client.close());
    gateway.line.hangUp(1006);
    await clock.advance(600_000);
    expect(gateway.lines).toHaveLength(1);
    expect(names()).toEqual(['reconnecting', 'closed']);
  });

  it('politely waits a little for a line on which to say so', async () => {
    const found = await brokenCall();
    found.client.end();
    await found.clock.advance(0);
    found.gateway.resume();
    expect(found.gateway.line.messages.at(-1)).toEqual({ type: 'end' });
    const alone = await brokenCall();
    alone.client.end();
    await alone.clock.advance(2_000);
    expect(alone.client.phase).toBe('closed');
  });
});
