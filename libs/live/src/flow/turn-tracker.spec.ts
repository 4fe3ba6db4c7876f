import { NO_ACTIONS, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { TurnTracker } from './turn-tracker.js';

const event = (draft: Partial<Event>): Event => ({
  id: 'x',
  invocationId: 'e',
  author: 'agent',
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const said = event({ content: { parts: [{ text: 'x' }] } });

describe('TurnTracker', () => {
  it('counts a turn for each answer of the model', () => {
    const turns = new TurnTracker();
    expect([said, said, event({ turnComplete: true }), said].map((each) => turns.turnOf(each))).toEqual([
      1, 1, 1, 2,
    ]);
  });

  it('gives an interruption and its confirmation to the interrupted turn', () => {
    const turns = new TurnTracker();
    const usage = event({ usageMetadata: { totalTokenCount: 1 } });
    const order = [said, event({ interrupted: true }), usage, event({ turnComplete: true }), said];
    expect(order.map((each) => turns.turnOf(each))).toEqual([1, 1, 1, 1, 2]);
  });

  it('voids the turn before when the user speaks over audio that is still playing', () => {
    const turns = new TurnTracker();
    const order = [said, event({ turnComplete: true }), event({ interrupted: true }), said];
    expect(order.map((each) => turns.turnOf(each))).toEqual([1, 1, 2, 3]);
  });

  it('does not count what the user says', () => {
    const turns = new TurnTracker();
    const heard = event({ author: 'user', inputTranscription: { text: 'hi', finished: true } });
    expect([heard, event({ turnComplete: true }), said].map((each) => turns.turnOf(each))).toEqual([1, 1, 1]);
  });

  it('takes a file of what was said for nothing new', () => {
    const turns = new TurnTracker();
    const fileData = { fileUri: 'artifact://a/u/s/said.wav#0', mimeType: 'audio/wav' };
    const saved = event({ content: { role: 'model', parts: [{ fileData }] } });
    const order = [said, event({ interrupted: true }), saved, event({ turnComplete: true }), said];
    expect(order.map((each) => turns.turnOf(each))).toEqual([1, 1, 2, 1, 2]);
  });

  it('goes on where another process was', () => {
    const between = new TurnTracker({ turn: 3, turnOpen: false });
    expect([said, event({ interrupted: true })].map((each) => between.turnOf(each))).toEqual([4, 4]);
    const within = new TurnTracker({ turn: 3, turnOpen: true });
    expect([event({ interrupted: true }), said].map((each) => within.turnOf(each))).toEqual([3, 4]);
    expect(new TurnTracker({ turn: 0, turnOpen: false }).current).toBe(1);
  });
});
