import type { Event } from '@parley/event';
import { silentLog } from '@parley/kernel';
import { settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent } from '../agent/llm-agent.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { SCENE_KEY } from '../testing/live-scene.js';
import { ScriptedLiveModel } from '../testing/scripted-live-model.js';
import { LiveRequestQueue } from './live-request-queue.js';
import { parseRunConfig } from './run-config.js';
import { Runner } from './runner.js';

const agentWith = (): LlmAgent => new LlmAgent({ name: 'guard', instruction: 'Be good.' });

describe('what was sent before the run', () => {
  it('is refused where the run can not take it, and the rest goes to the model (A18)', async () => {
    const model = new ScriptedLiveModel();
    const runner = new Runner({
      agent: agentWith(),
      model,
      sessions: new InMemorySessionService(),
      log: silentLog,
    });
    const queue = new LiveRequestQueue();
    queue.sendActivityStart();
    queue.sendContent({ parts: [{ text: 'hi' }] });
    queue.close();
    const events: Event[] = [];
    for await (const event of runner.runLive({
      key: SCENE_KEY,
      liveId: 'l',
      queue,
      runConfig: parseRunConfig({}),
    })) {
      events.push(event);
    }
    expect(events).toMatchObject([{ errorCode: 'invalid_config', errorDetails: { scope: 'turn' } }]);
    expect(model.connection.sent.map(({ kind }) => kind)).toEqual(['content']);
  });
});

describe('a session', () => {
  it('has one run at a time, and is free again when it is over (C11)', async () => {
    const model = new ScriptedLiveModel();
    const runner = new Runner({
      agent: agentWith(),
      model,
      sessions: new InMemorySessionService(),
      log: silentLog,
    });
    const run = (queue: LiveRequestQueue): AsyncGenerator<Event, void, undefined> =>
      runner.runLive({ key: SCENE_KEY, liveId: 'l', queue, runConfig: parseRunConfig({}) });
    const queue = new LiveRequestQueue();
    const first = run(queue).next();
    await settle(50);
    await expect(run(new LiveRequestQueue()).next()).rejects.toMatchObject({ code: 'session_busy' });
    queue.close();
    await first;
    const next = new LiveRequestQueue();
    next.close();
    expect(await run(next).next()).toMatchObject({ done: true });
  });
});

describe('a reader that stops', () => {
  it.each(['before the model is there', 'at an event'])('ends the run: %s', async (when) => {
    const model = new ScriptedLiveModel();
    const queue = new LiveRequestQueue();
    const sessions = new InMemorySessionService();
    const ends: unknown[] = [];
    const runner = new Runner({
      agent: agentWith(),
      model,
      sessions,
      log: silentLog,
      plugins: [{ name: 'p', afterRunCallback: () => void ends.push(1) }],
    });
    const run = runner.runLive({ key: SCENE_KEY, liveId: 'l', queue, runConfig: parseRunConfig({}) });
    const first = run.next();
    await settle(when === 'at an event' ? 50 : 0);
    const returned = run.return();
    if (when === 'at an event') {
      model.connection.say({ outputTranscription: { text: 'Hi', finished: false } });
    } else queue.close();
    await first;
    await returned;
    expect(ends).toHaveLength(1);
    expect(model.connections.every((connection) => connection.closed)).toBe(true);
    const again = new LiveRequestQueue();
    again.close();
    for await (const _event of runner.runLive({
      key: SCENE_KEY,
      liveId: 'l',
      queue: again,
      runConfig: parseRunConfig({}),
    }));
    expect(ends).toHaveLength(2);
  });
});

describe('a reader that does not read', () => {
  it('ends the run, and all that was said until then is stored (C5)', async () => {
    const model = new ScriptedLiveModel();
    const queue = new LiveRequestQueue();
    const sessions = new InMemorySessionService();
    const runner = new Runner({ agent: agentWith(), model, sessions, log: silentLog });
    const run = runner.runLive({ key: SCENE_KEY, liveId: 'l', queue, runConfig: parseRunConfig({}) });
    const first = run.next();
    await settle(50);
    model.connection.say({ inputTranscription: { text: 'hello', finished: false } });
    await first;
    for (let n = 0; n < 8_200; n++)
      model.connection.say({ outputTranscription: { text: '.', finished: false } });
    await until('the end', () => model.connection.closed);
    const rest = (async () => {
      for await (const _event of run);
    })();
    await expect(rest).rejects.toMatchObject({ code: 'slow_consumer' });
    const stored = (await sessions.getSession(SCENE_KEY))?.events ?? [];
    expect(stored.map((event) => (event.inputTranscription ?? event.outputTranscription)?.finished)).toEqual([
      true,
      true,
    ]);
  });
});
