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
