import { ManualClock, settle } from '@parley-testing/kernel';
import { expect, it } from 'vitest';
import { LlmAgent } from '../agent/llm-agent.js';
import { LiveScene } from '../testing/live-scene.js';

const AUDIO = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(96) } };

it('a long turn reaches its reader while it goes on, however much of it there is to store', async () => {
  const clock = new ManualClock();
  const scene = await LiveScene.start({ agent: new LlmAgent({ name: 'a', instruction: 'Talk.' }), clock });
  scene.model.connection.say({ outputTranscription: { text: 'Once upon a time', finished: true } });
  for (let n = 0; n < 1_000; n++) {
    scene.model.connection.say({ parts: [AUDIO], usageMetadata: { totalTokenCount: 1 } });
    await settle();
  }
  expect(scene.events.filter((event) => event.usageMetadata)).toHaveLength(1_000);
  scene.model.connection.say({ turnComplete: true });
  await scene.end();
  expect((await scene.stored()).filter((event) => event.usageMetadata)).toHaveLength(1_000);
});
