import { ParleyClient } from '@parley/client';
import { MemoryGateway, MemoryTransport, READY } from '@parley-testing/client';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { AnswerWatch } from './answer-watch.js';

async function makeWatch() {
  const clock = new ManualClock();
  const line = new MemoryTransport();
  const client = new ParleyClient({ transport: line, token: 't', clock });
  const watch = new AnswerWatch(client, clock);
  const connected = client.connect();
  line.accept();
  line.say(READY);
  await connected;
  watch.asked();
  let outcome: boolean | undefined;
  const stop = new AbortController();
  const waiting = watch.untilAnswered(stop.signal).then((answered) => (outcome = answered));
  return { clock, line, watch, stop, waiting, outcome: () => outcome };
}

describe('AnswerWatch', () => {
  it('waits until a complete answer has been played out and is followed by quiet', async () => {
    const { clock, line, outcome } = await makeWatch();
    line.speak(1, 2_000);
    line.sayEvent(1, { turnComplete: true });
    await clock.advance(2_070);
    expect(outcome()).toBeUndefined();
    await clock.advance(40);
    expect(outcome()).toBe(true);
  });

  it('does not take the end of an interrupted turn for an answer', async () => {
    const { clock, line, outcome } = await makeWatch();
    line.speak(1, 100);
    line.sayEvent(1, { interrupted: true });
    line.sayEvent(1, { turnComplete: true });
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
    line.speak(2, 100);
    line.sayEvent(2, { turnComplete: true });
    await clock.advance(700);
    expect(outcome()).toBe(true);
  });

  it('waits for tools, and for the turn that tells their result', async () => {
    const { clock, line, outcome } = await makeWatch();
    line.sayEvent(1, { content: { parts: [{ functionCall: { id: 'c1', name: 'look' } }] } });
    line.sayEvent(1, { turnComplete: true });
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
    line.sayEvent(1, { content: { parts: [{ functionResponse: { id: 'c1', name: 'look' } }] } });
    await clock.advance(300);
    line.speak(2, 1_000);
    await clock.advance(3_000);
    expect(outcome()).toBeUndefined();
    line.sayEvent(2, { turnComplete: true });
    await clock.advance(600);
    expect(outcome()).toBe(true);
  });

  it('does not count an answer to what was asked before', async () => {
    const { clock, line, watch, outcome } = await makeWatch();
    line.sayEvent(1, { turnComplete: true });
    watch.asked();
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
  });

  it('goes on waiting while the line is lost', async () => {
    const clock = new ManualClock();
    const gateway = new MemoryGateway();
    const client = new ParleyClient({ dial: gateway.dial, token: 't', clock });
    const watch = new AnswerWatch(client, clock);
    const connected = client.connect();
    gateway.ready();
    await connected;
    watch.asked();
    let outcome: boolean | undefined;
    void watch.untilAnswered(new AbortController().signal).then((answered) => (outcome = answered));
    gateway.line.hangUp(1006);
    await clock.advance(500);
    gateway.resume();
    gateway.line.sayEvent(1, { turnComplete: true });
    await clock.advance(400);
    expect(outcome).toBeUndefined();
    await clock.advance(200);
    expect(outcome).toBe(true);
  });

  it('gives up when it is told to, and when the call ends', async () => {
    const first = await makeWatch();
    first.stop.abort();
    await first.waiting;
    expect(first.outcome()).toBe(false);
    const second = await makeWatch();
    second.line.hangUp(4500);
    await second.clock.advance(20);
    expect(second.outcome()).toBe(false);
  });
});
