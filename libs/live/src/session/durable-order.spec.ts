import { NO_ACTIONS, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { DurableOrder } from './durable-order.js';

let count = 0;
const event = (draft: Partial<Event>): Event => ({
  id: `evt_${++count}`,
  invocationId: 'e-1',
  author: 'agent',
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const heard = (text: string, finished: boolean): Event =>
  event({ author: 'user', inputTranscription: { text, finished }, partial: !finished });
const said = (text: string, finished: boolean): Event =>
  event({ outputTranscription: { text, finished }, partial: !finished });
const call = (id: string): Event =>
  event({ content: { role: 'model', parts: [{ functionCall: { id, name: 'f', args: {} } }] } });
const response = (id: string): Event =>
  event({ content: { role: 'user', parts: [{ functionResponse: { id, name: 'f', response: {} } }] } });

const stored = (order: DurableOrder, events: readonly Event[]): readonly Event[] =>
  events.flatMap((each) => order.accept(each));

describe('DurableOrder', () => {
  it('stores a transcription before the call and the response that came during it (C4)', () => {
    const [partial, one, answer, whole] = [
      heard('wea', false),
      call('1'),
      response('1'),
      heard('weather?', true),
    ];
    const order = new DurableOrder();
    expect(stored(order, [partial, one, answer])).toEqual([]);
    expect(order.accept(whole)).toEqual([whole, one, answer]);
    expect(order.release()).toEqual([]);
  });

  it('gives up what is held when the run ends first (C5)', () => {
    const [one, two] = [call('1'), call('2')];
    const order = new DurableOrder();
    expect(stored(order, [said('let me', false), one, two])).toEqual([]);
    expect(order.release()).toEqual([one, two]);
    expect(order.release()).toEqual([]);
  });

  it('waits for both speakers, and not for a delta of white space', () => {
    const [one, whole, answer] = [call('1'), said('Sure.', true), heard('hi', true)];
    const order = new DurableOrder();
    expect(stored(order, [heard('h', false), said('S', false), one, whole])).toEqual([whole]);
    expect(order.accept(answer)).toEqual([answer, one]);
    const two = call('2');
    expect(stored(order, [heard('  ', false), two])).toEqual([two]);
  });

  it('does not take an empty finished transcription for the whole', () => {
    const [one, empty, whole] = [call('1'), said('', true), said('Hm.', true)];
    const order = new DurableOrder();
    expect(stored(order, [said('H', false), one, empty, whole])).toEqual([empty, whole, one]);
  });

  it('lets everything else pass, and deltas nowhere', () => {
    const usage = event({ usageMetadata: { totalTokenCount: 1 } });
    const order = new DurableOrder();
    expect(stored(order, [said('H', false), usage, said('m', false)])).toEqual([usage]);
  });

  it('stops waiting at the end of a turn', () => {
    const [one, end, two, cut] = [
      call('1'),
      event({ turnComplete: true }),
      call('2'),
      event({ interrupted: true }),
    ];
    const order = new DurableOrder();
    expect(stored(order, [said('H', false), one, end])).toEqual([one, end]);
    expect(stored(order, [said('H', false), two, cut])).toEqual([two, cut]);
  });

  it('holds no more than its bound, and loses none', () => {
    const calls = Array.from({ length: 600 }, (_, n) => call(String(n)));
    const order = new DurableOrder();
    const out = [...stored(order, [said('H', false), ...calls]), ...order.release()];
    expect(out).toEqual(calls);
  });
});
