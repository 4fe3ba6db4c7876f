import type { Content } from '@parley/event';
import { settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { LiveScene, SCENE_KEY } from '../testing/live-scene.js';
import { LiveRequestQueue } from './live-request-queue.js';

const agentWith = (config: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name: 'desk', instruction: 'Help.', ...config });
const typed = (text: string): Content => ({ role: 'user', parts: [{ text }] });
const textsOf = (scene: LiveScene): readonly unknown[] =>
  scene.model.connection.sent.map((sent) => sent.kind === 'content' && sent.content.parts[0]?.text);

describe('a message with a name', () => {
  it('is stored under it, and its sender is told once it is', async () => {
    const sessions = new InMemorySessionService();
    const append = sessions.appendEvent.bind(sessions);
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    sessions.appendEvent = async (key, event) => {
      await stored;
      await append(key, event);
    };
    const scene = await LiveScene.start({ agent: agentWith(), sessions });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await settle(100);
    expect(textsOf(scene)).toEqual(['hello']);
    expect(scene.acks).toEqual([]);
    store();
    await until('the ack', () => scene.acks.length > 0);
    expect(scene.acks).toEqual(['m1']);
    expect((await scene.stored()).map(({ id, invocationId }) => [id, invocationId])).toEqual([
      ['e-1.in.m1', 'e-1'],
    ]);
    await scene.end();
  });

  it('is taken once, and acknowledged whenever it comes again', async () => {
    const scene = await LiveScene.start({ agent: agentWith() });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await until('the ack', () => scene.acks.length > 0);
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await scene.end();
    expect(textsOf(scene)).toEqual(['hello']);
    expect(scene.acks).toEqual(['m1', 'm1']);
    expect(await scene.stored()).toHaveLength(1);
  });

  it('is known to whoever goes on with the run, and acknowledged when it is sent again', async () => {
    const sessions = new InMemorySessionService();
    const first = await LiveScene.start({ agent: agentWith(), sessions });
    first.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await first.end();
    const next = await LiveScene.start({ agent: agentWith(), sessions });
    expect(next.acks).toEqual([]);
    next.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await next.end();
    expect(next.acks).toEqual(['m1']);
    expect(textsOf(next)).toEqual([]);
  });

  it('is another one in another run of the session', async () => {
    const sessions = new InMemorySessionService();
    for (const liveId of ['live_1', 'live_2']) {
      const scene = await LiveScene.start({ agent: agentWith(), sessions, request: { liveId } });
      scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
      await scene.end();
      expect(textsOf(scene)).toEqual(['hello']);
    }
    const stored = (await sessions.getSession(SCENE_KEY))?.events ?? [];
    expect(stored.map(({ id }) => id)).toEqual(['e-1.in.m1', 'e-2.in.m1']);
  });

  it.each<[string, Partial<LlmAgentConfig>]>([
    ['a guardrail blocks', { beforeModelCallback: () => ({ content: { parts: [{ text: 'No.' }] } }) }],
    ['a guardrail lets through', { beforeModelCallback: () => undefined }],
  ])('is acknowledged when stored, though %s it', async (_what, config) => {
    const scene = await LiveScene.start({ agent: agentWith(config) });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await until('the ack', () => scene.acks.length > 0);
    await scene.end();
    expect(scene.acks).toEqual(['m1']);
    expect((await scene.stored())[0]?.id).toBe('e-1.in.m1');
  });

  it('is acknowledged when it was refused with an error', async () => {
    const fail = (): never => {
      throw new Error('plugin');
    };
    const plugins = [{ name: 'p', onUserMessageCallback: fail }];
    const scene = await LiveScene.start({ agent: agentWith(), plugins });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await until('the ack', () => scene.acks.length > 0);
    expect(scene.events.map((event) => event.errorCode)).toEqual(['internal']);
    await scene.end();
  });

  it('is acknowledged when it leaves nothing to store', async () => {
    const scene = await LiveScene.start({ agent: agentWith() });
    const image = { mimeType: 'image/png', data: new Uint8Array(3) };
    scene.queue.sendContent({ parts: [{ inlineData: image }] }, { requestId: 'shown' });
    const answer = { id: 'c', name: 'adk_request_confirmation', response: { confirmed: true } };
    scene.queue.sendContent({ parts: [{ functionResponse: answer }] }, { requestId: 'confirmed' });
    await settle(100);
    expect([...scene.acks].sort()).toEqual(['confirmed', 'shown']);
    await scene.end();
  });

  it('is not acknowledged when it was not dealt with before the run ended', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const scene = await LiveScene.start({ agent: agentWith({ beforeModelCallback: never }) });
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    await settle(100);
    scene.abort.abort();
    await scene.done;
    expect(scene.acks).toEqual([]);
  });

  it('is dealt with by the next agent when the first one left meanwhile', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const billing = agentWith({ name: 'billing' });
    const scene = await LiveScene.start({
      agent: agentWith({ beforeModelCallback: never, subAgents: [billing] }),
    });
    const transfer = { id: 'c', name: 'transfer_to_agent', args: { agentName: 'billing' } };
    scene.queue.sendContent(typed('hello'), { requestId: 'm1' });
    scene.model.connection.say({ toolCalls: [transfer] });
    await until('the ack', () => scene.acks.length > 0);
    expect(textsOf(scene)).toContain('hello');
    expect(scene.acks).toEqual(['m1']);
    await scene.end();
  });

  it.each(['', 'x'.repeat(65), 'new\nline', 'Zürich'])('may not be called %j', (requestId) => {
    const queue = new LiveRequestQueue();
    expect(() => queue.sendContent(typed('hello'), { requestId })).toThrow('request id');
  });

  it('has to be a whole turn', () => {
    const queue = new LiveRequestQueue();
    expect(() => queue.sendContent(typed('hello'), { requestId: 'm1', partial: true })).toThrow('completes');
  });
});
