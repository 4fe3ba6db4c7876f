import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import type { Caller } from '../support/caller.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

const CALLERS = 10;
const INTERRUPTIONS_EACH = 20;
const SPEECH = speech('stop that now', { leadMs: 40, tailMs: 1_200 });

/** Seeded, so that a failing run can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('interruptions', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.stop());

  it(
    `let no audio of the interrupted turn through: ${CALLERS * INTERRUPTIONS_EACH} of them, at random moments, by every means`,
    { timeout: 240_000 },
    async () => {
      const seed = 20_261_122;
      const callers = await Promise.all(
        Array.from({ length: CALLERS }, (_, n) =>
          service.call({ agent: 'storyteller', userId: `user-${n}` }),
        ),
      );
      await Promise.all(callers.map((caller, n) => interruptAgainAndAgain(caller, random(seed + n))));
      const interrupted = callers.reduce((sum, caller) => sum + interruptionsOf(caller), 0);
      const late = callers.reduce((sum, { client }) => sum + client.stats.lateFrames, 0);
      expect(interrupted, `seed ${seed}`).toBeGreaterThanOrEqual(CALLERS * INTERRUPTIONS_EACH);
      expect(late, `late frames, seed ${seed}`).toBe(0);
      for (const { heard, client } of callers) {
        expect(client.stats.missingEvents).toBe(0);
        expect(heard.errors).toEqual([]);
      }
      expect(await service.metric('gateway', 'live_interruptions_total')).toBeGreaterThanOrEqual(interrupted);
      await Promise.all(callers.map((caller) => caller.end()));
    },
  );

  function interruptionsOf({ heard }: Caller): number {
    return heard.events.filter((event) => event.interrupted).length;
  }

  async function interruptAgainAndAgain(caller: Caller, chance: () => number): Promise<void> {
    const { heard, client } = caller;
    for (let n = 0; n < INTERRUPTIONS_EACH; n++) {
      const framesBefore = heard.audio.length;
      client.sendText('Tell me a long story about the sea.');
      await until('the story begins', () => heard.audio.length > framesBefore);
      await new Promise((resolve) => setTimeout(resolve, chance() * 700));
      const before = interruptionsOf(caller);
      const means = Math.floor(chance() * 3);
      if (means === 0) client.sendText('Wait.');
      else if (means === 1) client.interrupt();
      else await caller.speak(SPEECH, 3);
      await until(
        `interruption ${n} by ${['text', 'message', 'speech'][means]}`,
        () => interruptionsOf(caller) > before,
      );
    }
  }
});
