import type { Event } from '@parley/event';
import { silentLog, systemClock } from '@parley/kernel';
import { ManualClock, settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { LiveScene, SCENE_KEY } from '../testing/live-scene.js';
import { ScriptedLiveModel } from '../testing/scripted-live-model.js';
import { LiveRequestQueue } from './live-request-queue.js';
import { parseRunConfig } from './run-config.js';
import { Runner } from './runner.js';

const never = (): Promise<never> => new Promise(() => undefined);

const agentWith = (config: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name: 'guard', instruction: 'Be good.', ...config });

/** Whether a run that was aborted is over `ms` later. */
async function overAfterAbort(scene: LiveScene, clock: ManualClock, ms: number): Promise<boolean> {
  let over = false;
  void scene.done.then(() => (over = true));
  await settle(100);
  scene.abort.abort();
  await clock.advance(ms);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  return over;
}

describe('an aborted run ends', () => {
  it.each<[string, { readonly agent?: Partial<LlmAgentConfig>; readonly plugin?: Partial<BasePlugin> }]>([
    ['beforeRun', { plugin: { beforeRunCallback: never } }],
    ['beforeAgent', { agent: { beforeAgentCallback: never } }],
    ['instruction', { agent: { instruction: never } }],
    ['afterAgent', { agent: { afterAgentCallback: never } }],
    ['onEvent', { plugin: { onEventCallback: never } }],
    ['afterRun', { plugin: { afterRunCallback: never } }],
  ])('soon, also while %s hangs', async (_what, { agent = {}, plugin = {} }) => {
    const clock = new ManualClock();
    const scene = await LiveScene.start({
      agent: agentWith(agent),
      plugins: [{ name: 'p', ...plugin }],
      clock,
    });
    scene.model.connections[0]?.say({ outputTranscription: { text: 'Hi', finished: true } });
    expect(await overAfterAbort(scene, clock, 1_000)).toBe(true);
  });

  it('while the session is being looked for', async () => {
    const sessions = new InMemorySessionService();
    sessions.getSession = never;
    const clock = new ManualClock();
    const scene = await LiveScene.start({ agent: agentWith(), sessions, clock });
    expect(await overAfterAbort(scene, clock, 1_000)).toBe(true);
  });

  it('though the store takes no event', async () => {
    const sessions = new InMemorySessionService();
    sessions.appendEvent = never;
    const clock = new ManualClock();
    const scene = await LiveScene.start({ agent: agentWith(), sessions, clock });
    scene.queue.sendContent({ parts: [{ text: 'hello' }] });
    for (let n = 0; n < 300; n++) scene.model.connection.say({ turnComplete: true });
    expect(await overAfterAbort(scene, clock, 10_000)).toBe(true);
  });
});

describe('a graceful close', () => {
  it('does not wait for ever for a plugin that looks at a typed message', async () => {
    const clock = new ManualClock();
    const scene = await LiveScene.start({
      agent: agentWith(),
      plugins: [{ name: 'p', onUserMessageCallback: never }],
      clock,
    });
    let over = false;
    void scene.done.then(() => (over = true));
    scene.queue.sendContent({ parts: [{ text: 'hello' }] });
    scene.queue.close();
    await clock.advance(11_000);
    await settle(100);
    expect(over).toBe(true);
  });

  it('waits for every typed message that is looked at', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return undefined;
        },
      }),
    });
    for (const text of ['one', 'two', 'three']) scene.queue.sendContent({ parts: [{ text }] });
    scene.queue.close();
    await scene.done;
    expect(scene.model.connection.sent).toHaveLength(3);
  });
});

describe('what is thrown at a run', () => {
  it('by onReady or the observer does not end it', async () => {
    const model = new ScriptedLiveModel();
    const queue = new LiveRequestQueue();
    const runner = new Runner({
      agent: agentWith(),
      model,
      sessions: new InMemorySessionService(),
      log: silentLog,
      clock: systemClock,
    });
    const fail = (): never => {
      throw new Error('host');
    };
    const events: Event[] = [];
    const done = (async () => {
      const run = runner.runLive({
        key: SCENE_KEY,
        liveId: 'l',
        queue,
        runConfig: parseRunConfig({}),
        onReady: fail,
        observer: fail,
      });
      for await (const event of run) events.push(event);
    })();
    await until('a connection', () => model.connections.length === 1);
    await settle();
    model.connection.say({ usageMetadata: { totalTokenCount: 1 }, turnComplete: true });
    queue.close();
    await done;
    expect(events.map((event) => event.errorCode)).toEqual([undefined, undefined]);
  });

  it('by beforeAgent after a hand-over is told as an error, and by afterAgent ends nothing', async () => {
    const fail = (): never => {
      throw new Error('callback');
    };
    const last = agentWith({ name: 'last', beforeAgentCallback: fail });
    const next = agentWith({ name: 'next', subAgents: [last] });
    const scene = await LiveScene.start({
      agent: agentWith({ name: 'desk', subAgents: [next], afterAgentCallback: fail }),
    });
    const transfer = (agentName: string) => ({
      toolCalls: [{ id: 'c', name: 'transfer_to_agent', args: { agentName } }],
    });
    scene.model.connection.say(transfer('next'));
    await until('the second agent', () => scene.model.connections.length === 2);
    await settle();
    scene.model.connection.say(transfer('last'));
    expect(await scene.done).toBeUndefined();
    expect(scene.events.at(-1)).toMatchObject({
      author: 'last',
      errorCode: 'internal',
      errorDetails: { scope: 'session' },
    });
  });

  it('by the store ends it with a ParleyError, and nothing is stored behind the hole', async () => {
    const sessions = new InMemorySessionService();
    const append = sessions.appendEvent.bind(sessions);
    let writes = 0;
    sessions.appendEvent = async (key, event) => {
      writes += 1;
      if (writes === 2) throw new Error('disk full');
      await append(key, event);
    };
    const scene = await LiveScene.start({ agent: agentWith(), sessions });
    for (const text of ['one', 'two', 'three']) scene.queue.sendContent({ parts: [{ text }] });
    expect(await scene.done).toMatchObject({ code: 'internal' });
    expect(await scene.stored()).toHaveLength(1);
  });
});

describe('the last event of a run that lost its model', () => {
  it('is the error, behind what was said', async () => {
    const scene = await LiveScene.start({ agent: agentWith() });
    scene.model.connection.say({ outputTranscription: { text: 'Well', finished: false } });
    scene.model.connection.end({
      kind: 'fatal',
      errorCode: 'provider_unavailable',
      closeCode: 1011,
      reason: 'gone',
    });
    await scene.done;
    expect(scene.events.map((event) => event.errorCode ?? event.outputTranscription?.text)).toEqual([
      'Well',
      'Well',
      'provider_unavailable',
    ]);
  });
});
