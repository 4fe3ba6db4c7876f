import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { SpeakingTracker, type SpeakingState } from './speaking-state.js';

function makeTracker() {
  const clock = new ManualClock();
  const states: SpeakingState[] = [];
  return { clock, states, tracker: new SpeakingTracker(clock, (state) => states.push(state)) };
}

describe('SpeakingTracker', () => {
  it('goes round a whole exchange', async () => {
    const { clock, states, tracker } = makeTracker();
    tracker.userAudible();
    tracker.userTranscribed(true);
    await clock.advance(600);
    tracker.agentAudio(1_000);
    await clock.advance(1_079);
    expect(tracker.state).toBe('agent');
    await clock.advance(1);
    tracker.turnComplete();
    expect(states).toEqual(['user', 'thinking', 'agent', 'listening']);
  });

  it('adds up audio that comes faster than it is played', async () => {
    const { clock, tracker } = makeTracker();
    for (let i = 0; i < 50; i++) tracker.agentAudio(40);
    expect(tracker.agentAudioLeftMs).toBe(2_080);
    await clock.advance(2_070);
    expect(tracker.state).toBe('agent');
    await clock.advance(10);
    expect(tracker.state).toBe('listening');
  });

  it('gives the floor to the user at an interruption', () => {
    const { states, tracker } = makeTracker();
    tracker.agentAudio(5_000);
    tracker.userAudible();
    tracker.agentStopped();
    expect(states).toEqual(['agent', 'user']);
  });

  it('does not think on when the words of an answered question are confirmed late', async () => {
    const { clock, states, tracker } = makeTracker();
    tracker.agentAudio(500);
    tracker.userTranscribed(true);
    await clock.advance(580);
    expect(states).toEqual(['agent', 'listening']);
  });

  it('listens again after noise that was no speech', async () => {
    const { clock, states, tracker } = makeTracker();
    tracker.userAudible();
    await clock.advance(500);
    expect(states).toEqual(['user', 'listening']);
  });
});
