import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { KeepAlive } from './keep-alive.js';

function setUp(): { clock: ManualClock; seen: string[]; hear: () => void; keepAlive: KeepAlive } {
  const clock = new ManualClock();
  const seen: string[] = [];
  let heard = false;
  const keepAlive = new KeepAlive({
    clock,
    socket: {
      ping: () => seen.push(`ping ${clock.monotonicMs()}`),
      takeHeard: () => {
        const was = heard;
        heard = false;
        return was;
      },
    },
    pingEveryMs: 20_000,
    deadlineMs: 45_000,
    onSilence: (silentMs) => seen.push(`silent ${silentMs}`),
  });
  return { clock, seen, hear: () => (heard = true), keepAlive };
}

describe('KeepAlive', () => {
  it('pings every 20 s, and gives a silent peer no less than 45 s', async () => {
    const { clock, seen } = setUp();
    await clock.advance(300_000);
    expect(seen).toEqual(['ping 20000', 'ping 40000', 'silent 45000']);
  });

  it('never gives up a peer that is heard', async () => {
    const { clock, seen, hear } = setUp();
    for (let i = 0; i < 20; i++) {
      hear();
      await clock.advance(20_000);
    }
    expect(seen).toHaveLength(20);
    expect(seen.join()).not.toContain('silent');
  });

  it('does nothing after close', async () => {
    const { clock, seen, keepAlive } = setUp();
    keepAlive.close();
    keepAlive.close();
    await clock.advance(300_000);
    expect(seen).toEqual([]);
  });
});
