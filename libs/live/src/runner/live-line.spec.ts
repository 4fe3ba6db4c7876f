import { ManualClock, settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent } from '../agent/llm-agent.js';
import { FunctionTool } from '../tool/function-tool.js';
import { LiveScene } from '../testing/live-scene.js';
import { ScriptedLiveConnection } from '../testing/scripted-live-model.js';
import { LiveLine, type OnLine } from './live-line.js';

const quiet = { hold: () => undefined, release: () => undefined, busy: () => false };

function lineOf(clock = new ManualClock(), queuedAudioMs = 0): LiveLine {
  return new LiveLine({ clock, queuedAudioMs: () => queuedAudioMs });
}

describe('whenSafe', () => {
  const talking = (): ScriptedLiveConnection =>
    Object.assign(new ScriptedLiveConnection(), { safeToLeave: false });

  it('waits until the conversation could be left', async () => {
    const clock = new ManualClock();
    const line = lineOf(clock);
    const connection = talking();
    line.set({ ...quiet, connection });
    let moment: string | undefined;
    void line.whenSafe(15_000).then((is) => (moment = is));
    await clock.advance(1_000);
    expect(moment).toBeUndefined();
    connection.safeToLeave = true;
    await clock.advance(50);
    expect(moment).toBe('safe');
    expect(connection.rotations).toBe(0);
  });

  it('waits for a tool at work, and no longer than it may', async () => {
    const clock = new ManualClock();
    const line = lineOf(clock);
    line.set({ ...quiet, connection: new ScriptedLiveConnection(), busy: () => true });
    const moment = line.whenSafe(1_000);
    await clock.advance(1_000);
    expect(await moment).toBe('forced');
  });

  it('does not wait without an agent, nor after the end', async () => {
    const line = lineOf();
    expect(await line.whenSafe(1_000)).toBe('between_agents');
    line.set({ ...quiet, connection: talking() });
    const moment = line.whenSafe(1_000);
    line.close();
    expect(await moment).toBe('ended');
    expect(await line.whenSafe(1_000)).toBe('ended');
  });
});

describe('what the user would have to say again', () => {
  it('is what waits for an agent, and what the connection has not settled', () => {
    const line = lineOf(new ManualClock(), 40);
    expect(line.unsettledAudioMs).toBe(40);
    line.set({
      ...quiet,
      connection: Object.assign(new ScriptedLiveConnection(), { unsettledAudioMs: 20.5 }),
    });
    expect(line.unsettledAudioMs).toBe(61);
  });
});

describe('a line that is held', () => {
  it('holds an agent that comes on it, and lets go when the run is over', async () => {
    const line = lineOf();
    const told: string[] = [];
    const agent: OnLine = {
      ...quiet,
      connection: new ScriptedLiveConnection(),
      hold: () => told.push('hold'),
      release: () => told.push('release'),
    };
    line.hold();
    line.hold();
    const { held } = line;
    line.set(agent);
    line.release();
    await held;
    expect(told).toEqual(['hold', 'release']);
    line.hold();
    const heldAgain = line.held;
    line.close();
    await heldAgain;
    expect(line.held).toBeUndefined();
    expect(told).toEqual(['hold', 'release', 'hold']);
  });

  it('sends the model nothing and starts no tool until it is released', async () => {
    let runs = 0;
    const look = new FunctionTool({
      name: 'look',
      description: 'Looks.',
      execute: () => ({ seen: (runs += 1) }),
    });
    const scene = await LiveScene.start({
      agent: new LlmAgent({ name: 'desk', instruction: 'Help.', tools: [look] }),
    });
    const { connection } = scene.model;
    scene.line.hold();
    scene.queue.sendContent({ parts: [{ text: 'one' }] });
    scene.queue.sendRealtime({ mimeType: 'audio/pcm;rate=16000', data: new Uint8Array(640) });
    connection.say({ toolCalls: [{ id: 'c', name: 'look', args: {} }] });
    connection.say({ outputTranscription: { text: 'Well', finished: false } });
    await settle(200);
    expect([runs, connection.sent]).toEqual([0, []]);
    expect(scene.line.unsettledAudioMs).toBe(20);
    expect(scene.events.at(-1)?.outputTranscription?.text).toBe('Well');
    scene.line.release();
    await until('the answer', () => connection.sent.length === 3);
    expect(connection.sent.map(({ kind }) => kind)).toEqual(['content', 'realtime', 'toolResponse']);
    await scene.end();
  });

  it('starts no tool any more when the run ends meanwhile', async () => {
    let runs = 0;
    const look = new FunctionTool({
      name: 'look',
      description: 'Looks.',
      execute: () => ({ seen: (runs += 1) }),
    });
    const scene = await LiveScene.start({
      agent: new LlmAgent({ name: 'desk', instruction: 'Help.', tools: [look] }),
    });
    scene.line.hold();
    scene.model.connection.say({ toolCalls: [{ id: 'c', name: 'look', args: {} }] });
    await settle(100);
    scene.abort.abort('moved');
    await scene.done;
    expect(runs).toBe(0);
  });
});
