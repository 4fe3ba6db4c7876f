import { encodeBase64 } from '@parley/kernel';
import { observed, type Check, type Finding } from '../check.js';
import type { CheckRun } from '../run/check-run.js';
import type { HeardUsage } from '../wire/heard-message.js';
import { ask, usageAfter } from './typed-turn.js';
import { testPicture } from './test-picture.js';

const FRAMES = 3;
/** Not more often than the service looks. */
const FRAME_EVERY_MS = 1_000;

export const mediaChecks: readonly Check[] = [
  {
    name: 'video-tokens',
    question: 'How many tokens is a video frame counted for?',
    openPoint: 'video tokens per frame',
    deadlineMs: 75_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      const without = await usageAfter(session, await ask(session, 'Say the word tulip.'));
      for (let number = 0; number < FRAMES; number += 1) {
        const data = encodeBase64(testPicture(number));
        session.send({ realtimeInput: { video: { data, mimeType: 'image/png' } } });
        await session.listen(FRAME_EVERY_MS);
      }
      const withFrames = await usageAfter(session, await ask(session, 'Say the word daisy.'));
      const perFrame = Math.round((pictureTokens(withFrames) - pictureTokens(without)) / FRAMES);
      return observed(perFrame > 0 ? `${perFrame} tokens a frame` : 'frames are not in the usage', {
        framesSent: FRAMES,
        tokensPerFrame: perFrame,
      });
    },
  },
];

/** In the prompt. */
function pictureTokens({ promptDetails }: HeardUsage): number {
  return (promptDetails.get('VIDEO') ?? 0) + (promptDetails.get('IMAGE') ?? 0);
}
