import type { Event } from '@parley/event';
import { settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent } from '../agent/llm-agent.js';
import { LiveScene } from '../testing/live-scene.js';

const slow = {
  name: 'slow',
  onEventCallback: async ({ event: _ }: { readonly event: Event }): Promise<undefined> => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    return undefined;
  },
};

describe('a plugin that takes its time over events', () => {
  it('does not keep the next agent from knowing what the user said last (G2)', async () => {
    const agent = new LlmAgent({
      name: 'desk',
      instruction: 'Greet.',
      subAgents: [new LlmAgent({ name: 'billing', instruction: 'Bills.' })],
    });
    const scene = await LiveScene.start({ agent, plugins: [slow] });
    scene.model.connection.say({ inputTranscription: { text: 'My bill is wrong', finished: false } });
    scene.model.connection.say({
      toolCalls: [{ id: 'c', name: 'transfer_to_agent', args: { agentName: 'billing' } }],
    });
    await until('the second session', () => scene.model.connections.length === 2);
    await settle();
    expect(scene.model.connection.sent).toMatchObject([
      { content: { parts: [{ text: 'My bill is wrong' }] } },
    ]);
    await scene.end();
  });

  it('keeps events in their order, numbers them without gaps, and loses none at the end', async () => {
    const agent = new LlmAgent({ name: 'desk', instruction: 'Greet.' });
    const scene = await LiveScene.start({ agent, plugins: [slow] });
    for (const text of ['a', 'b', 'c'])
      scene.model.connection.say({ outputTranscription: { text, finished: false } });
    scene.queue.sendContent({ parts: [{ text: 'typed' }] });
    scene.model.connection.say({ turnComplete: true });
    await scene.end();
    expect(scene.events.map((event) => event.outputTranscription?.text)).toEqual([
      'a',
      'b',
      'c',
      'abc',
      undefined,
    ]);
    expect(scene.events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect((await scene.stored()).map((event) => event.author)).toEqual(['user', 'desk', 'desk']);
  });
});
