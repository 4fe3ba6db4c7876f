import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { TurnStopwatch } from './turn-stopwatch.js';

describe('TurnStopwatch', () => {
  it('measures from the last voiced frame, once per turn', async () => {
    const clock = new ManualClock();
    const watch = new TurnStopwatch(clock);
    watch.voicedFrame();
    await clock.advance(100);
    watch.voicedFrame();
    await clock.advance(700);
    expect(watch.audioFrame(1)).toEqual({ trigger: 'speech', waitedMs: 700 });
    expect(watch.audioFrame(1)).toBeUndefined();
  });

  it('measures a turn that a tool delays from what the user said, and one that a tool asks for from its result', async () => {
    const clock = new ManualClock();
    const watch = new TurnStopwatch(clock);
    watch.voicedFrame();
    await clock.advance(800);
    watch.toolResult();
    await clock.advance(200);
    expect(watch.audioFrame(1)).toEqual({ trigger: 'speech', waitedMs: 1_000 });
    watch.toolResult();
    await clock.advance(300);
    expect(watch.audioFrame(2)).toEqual({ trigger: 'tool', waitedMs: 300 });
  });

  it('forgets a cough once the turn in which it came is over, but not a question', async () => {
    const clock = new ManualClock();
    const watch = new TurnStopwatch(clock);
    watch.voicedFrame();
    watch.audioFrame(1);
    watch.voicedFrame();
    await clock.advance(1_000);
    watch.turnComplete();
    expect(watch.audioFrame(2)).toBeUndefined();
    watch.textMessage();
    watch.turnComplete();
    expect(watch.audioFrame(3)).toMatchObject({ trigger: 'text' });
  });

  it('does not measure a turn that nothing asked for', () => {
    const watch = new TurnStopwatch(new ManualClock());
    expect(watch.audioFrame(1)).toBeUndefined();
  });

  it('measures a stop from the start of the speech that interrupted', async () => {
    const clock = new ManualClock();
    const watch = new TurnStopwatch(clock);
    watch.textMessage();
    watch.audioFrame(1);
    await clock.advance(2_000);
    watch.voicedFrame();
    await clock.advance(100);
    watch.voicedFrame();
    watch.audioFrame(1);
    expect(watch.interrupted()).toEqual({ source: 'speech', stoppedMs: 100 });
    expect(watch.interrupted()).toBeUndefined();
  });
});
