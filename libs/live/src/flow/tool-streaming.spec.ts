import { ManualClock, settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LiveRequest } from '../runner/live-request.js';
import { SYNC_MODEL, ToolScene, waitFor } from '../testing/tool-scene.js';
import { FunctionTool } from '../tool/function-tool.js';
import { streamChunk } from '../tool/stream-chunk.js';
import type { ToolContext } from '../tool/tool-context.js';

const PENDING = 'The function is running asynchronously and the results are pending.';

function streaming(
  execute: (args: Record<string, unknown>, context: ToolContext) => AsyncGenerator<unknown, unknown>,
  more: { readonly timeoutMs?: number; readonly inputStream?: boolean } = {},
): FunctionTool {
  return new FunctionTool({
    name: 'monitor',
    description: 'Monitors.',
    parameters: z.looseObject({}),
    execute,
    ...more,
  });
}

/** A price each second, for ever. */
function prices(clock: ManualClock, stopped: string[] = []): FunctionTool {
  return streaming(async function* (_args, { signal, functionCallId }) {
    try {
      for (let price = 1; !signal.aborted; price++) {
        yield { price };
        await waitFor(clock, 1_000);
      }
    } finally {
      stopped.push(functionCallId);
    }
  });
}

const stop = (name = 'monitor') => ({ id: 's1', name: 'stop_streaming', args: { function_name: name } });

describe('A streaming tool', () => {
  it('F9 says at once that it is pending, then each yield, then that it is done', async () => {
    const clock = new ManualClock();
    const count = streaming(async function* () {
      yield 1;
      await waitFor(clock, 1_000);
      yield { two: 2 };
    });
    const scene = new ToolScene({ tools: [count], clock });
    await scene.call({ name: 'monitor' });
    await clock.advance(1_000);
    const heard = [
      { id: 'c1', name: 'monitor', response: { status: PENDING }, willContinue: true, scheduling: 'SILENT' },
      { id: 'c1', name: 'monitor', response: { result: 1 }, willContinue: true },
      { id: 'c1', name: 'monitor', response: { two: 2 }, willContinue: true },
      { id: 'c1', name: 'monitor', response: {}, willContinue: false, scheduling: 'SILENT' },
    ];
    expect(scene.heardOf('c1')).toEqual(heard);
    const told = scene.events.slice(1).map((event) => event.content?.parts[0]?.functionResponse);
    expect(told).toEqual(heard);
    expect(scene.told).toEqual([]);
    expect(scene.dispatch.pending).toEqual([]);
  });

  it('F9 ends with what it returns, or with its error', async () => {
    const returns = streaming(async function* () {
      yield 1;
      return 'all of it';
    });
    const scene = new ToolScene({ tools: [returns] });
    await scene.call({ name: 'monitor' });
    expect(scene.heardOf('c1').at(-1)).toMatchObject({
      response: { result: 'all of it' },
      willContinue: false,
    });
    const fails = streaming(async function* () {
      yield 1;
      throw new Error('feed is down');
    });
    const failing = new ToolScene({ tools: [fails] });
    await failing.call({ name: 'monitor' });
    expect(failing.heardOf('c1').at(-1)).toMatchObject({
      response: { error: 'feed is down' },
      willContinue: false,
    });
  });

  it('F9 may choose for each yield when it is spoken of', async () => {
    const tool = new FunctionTool({
      name: 'monitor',
      description: '',
      responseScheduling: 'WHEN_IDLE',
      execute: async function* () {
        yield streamChunk('noise', { scheduling: 'SILENT' });
        yield 'news';
      },
    });
    const scene = new ToolScene({ tools: [tool] });
    await scene.call({ name: 'monitor' });
    expect(scene.heardOf('c1').map(({ scheduling }) => scheduling)).toEqual([
      'SILENT',
      'SILENT',
      'WHEN_IDLE',
      'SILENT',
    ]);
    expect(scene.heardOf('c1')[1]?.response).toEqual({ result: 'noise' });
  });

  it('F10 on a model without parts says that it is pending, and its yields as the user', async () => {
    const tool = streaming(async function* () {
      yield 'up 3 %';
      yield { price: 7 };
    });
    const scene = new ToolScene({ tools: [tool], capabilities: SYNC_MODEL });
    await scene.call({ name: 'monitor' });
    expect(scene.toModel).toEqual([[{ id: 'c1', name: 'monitor', response: { status: PENDING } }]]);
    expect(scene.told).toEqual([
      { role: 'user', parts: [{ text: 'Function monitor returned: up 3 %' }] },
      { role: 'user', parts: [{ text: 'Function monitor returned: {"price":7}' }] },
    ]);
    expect(scene.event.content?.parts[0]?.functionResponse).toMatchObject({
      response: {},
      willContinue: false,
    });
  });

  it('is one too when an ordinary function returns a generator, and then holds nobody up', async () => {
    const clock = new ManualClock();
    const generator = prices(clock);
    const wrapped = new FunctionTool({
      name: 'wrapped',
      description: '',
      execute: (args, context) => generator.run(args, context),
    });
    const quick = new FunctionTool({ name: 'quick', description: '', execute: () => 1 });
    const scene = new ToolScene({ tools: [wrapped, quick], clock });
    await scene.call({ name: 'wrapped' }, { name: 'quick' });
    expect(scene.heardOf('c1')).toEqual([{ id: 'c1', name: 'wrapped', response: { status: PENDING } }]);
    expect(scene.heardOf('c2')).toHaveLength(1);
    expect(scene.told).toHaveLength(1);
    await scene.end();
  });

  it('F12 is stopped by name: aborted, said so, heard no more, and may start again', async () => {
    const clock = new ManualClock();
    const stopped: string[] = [];
    const scene = new ToolScene({ tools: [prices(clock, stopped)], clock });
    await scene.call({ name: 'monitor' });
    await clock.advance(1_000);
    expect(scene.heardOf('c1')).toHaveLength(3);
    await scene.call(stop());
    await clock.advance(500);
    expect(scene.heardOf('s1')).toEqual([]);
    await clock.advance(500);
    expect(stopped).toEqual(['c1']);
    expect(scene.heardOf('s1')[0]?.response).toEqual({
      status: 'Successfully stopped streaming function monitor',
    });
    expect(scene.heardOf('c1').at(-1)).toEqual({
      id: 'c1',
      name: 'monitor',
      response: { status: 'stopped' },
      willContinue: false,
      scheduling: 'SILENT',
    });
    await clock.advance(5_000);
    expect(scene.heardOf('c1')).toHaveLength(4);
    await scene.call({ id: 'c2', name: 'monitor' });
    expect(scene.heardOf('c2').at(-1)?.response).toEqual({ price: 1 });
    await scene.end();
  });

  it('F12 that does not stop within a second is said not to have, and not heard all the same', async () => {
    const deaf = streaming(async function* () {
      yield 1;
      await new Promise(() => undefined);
    });
    const scene = new ToolScene({ tools: [deaf] });
    await scene.call({ name: 'monitor' });
    await scene.call(stop());
    await scene.clock.advance(1_000);
    expect(scene.heardOf('s1')[0]?.response).toEqual({
      status: 'The task is not cancelled yet for monitor.',
    });
    expect(scene.dispatch.pending).toEqual([]);
  });

  it('F13 that is not active is said not to be, and a stop without a name is refused', async () => {
    const scene = new ToolScene({ tools: [prices(new ManualClock())] });
    await scene.call(stop('radar'), { id: 's2', name: 'stop_streaming' });
    expect(scene.toModel[0]?.map(({ response }) => response)).toEqual([
      { status: 'No active streaming function named radar found' },
      { error: 'Arguments do not fit: function_name is missing.' },
    ]);
  });

  it('F13 stops by an app’s own empty stop_streaming as well', async () => {
    const declared = new FunctionTool({ name: 'stop_streaming', description: 'Stop.', execute: () => null });
    const clock = new ManualClock();
    const scene = new ToolScene({ tools: [declared, prices(clock)], clock });
    await scene.call({ name: 'monitor' });
    await scene.call(stop());
    await clock.advance(1_000);
    expect(scene.heardOf('s1')[0]?.response).toEqual({
      status: 'Successfully stopped streaming function monitor',
    });
  });

  it('F15 runs for each of its calls; a stop and a teardown reach all', async () => {
    for (const teardown of [false, true]) {
      const clock = new ManualClock();
      const stopped: string[] = [];
      const scene = new ToolScene({ tools: [prices(clock, stopped)], clock });
      await scene.call({ name: 'monitor' }, { name: 'monitor' });
      expect(scene.dispatch.pending).toEqual(['c1', 'c2']);
      if (teardown) expect(await scene.end()).toEqual({ stuck: [] });
      else await scene.call(stop());
      await clock.advance(1_000);
      expect(stopped).toEqual(['c1', 'c2']);
      expect(scene.dispatch.pending).toEqual([]);
    }
  });

  it('F17 is ended without a word when the model takes the call back', async () => {
    const clock = new ManualClock();
    const stopped: string[] = [];
    const scene = new ToolScene({ tools: [prices(clock, stopped)], clock });
    await scene.call({ name: 'monitor' });
    const heard = scene.heardOf('c1').length;
    scene.dispatch.cancel(['c1']);
    await clock.advance(5_000);
    expect(stopped).toEqual(['c1']);
    expect(scene.heardOf('c1')).toHaveLength(heard);
  });

  it('F18 that is silent for too long ends with a time-out', async () => {
    const silent = streaming(
      async function* () {
        yield 1;
        await new Promise(() => undefined);
      },
      { timeoutMs: 5_000 },
    );
    const scene = new ToolScene({ tools: [silent] });
    await scene.call({ name: 'monitor' });
    await scene.clock.advance(5_000);
    expect(scene.heardOf('c1').at(-1)).toMatchObject({
      response: { error: 'No result within 5000 ms.' },
      willContinue: false,
    });
  });

  it('is pulled 64 times a second at most, and drops nothing', async () => {
    const busy = streaming(async function* () {
      for (let i = 0; i < 200; i++) yield i;
    });
    const scene = new ToolScene({ tools: [busy] });
    await scene.call({ name: 'monitor' });
    await settle(5_000);
    expect(scene.heardOf('c1')).toHaveLength(1 + 64);
    await scene.clock.advance(1_000);
    await settle(5_000);
    expect(scene.heardOf('c1')).toHaveLength(1 + 128);
    for (let second = 0; second < 3; second++) {
      await scene.clock.advance(1_000);
      await settle(5_000);
    }
    expect(scene.heardOf('c1')).toHaveLength(1 + 200 + 1);
  });

  it('tells each change of state once, with the yield that followed it', async () => {
    const tool = streaming(async function* (_args, { state }) {
      state.set('seen', 1);
      yield state.get('seen');
      yield state.get('seen');
      state.set('seen', 2);
    });
    const scene = new ToolScene({ tools: [tool] });
    await scene.call({ name: 'monitor' });
    expect(scene.events.slice(2).map(({ actions }) => actions?.stateDelta)).toEqual([
      { seen: 1 },
      {},
      { seen: 2 },
    ]);
    expect(scene.heardOf('c1')[2]?.response).toEqual({ result: 1 });
  });
});

describe('A tool that reads along', () => {
  const frame: LiveRequest = {
    kind: 'realtime',
    blob: { mimeType: 'image/jpeg', data: new Uint8Array([1]) },
  };

  it('F14 hears what the user sends from the call on, and nothing after the stop', async () => {
    const heard: string[] = [];
    const watch = streaming(
      async function* (_args, { inputStream }) {
        for await (const request of inputStream ?? []) {
          heard.push(request.kind);
          yield heard.length;
        }
      },
      { inputStream: true },
    );
    const scene = new ToolScene({ tools: [watch] });
    scene.dispatch.mirror(frame);
    scene.dispatch.call([{ id: 'c1', name: 'monitor', args: {} }]);
    scene.dispatch.mirror(frame);
    await settle();
    scene.dispatch.mirror({ kind: 'activityStart' });
    scene.dispatch.mirror({ kind: 'playback', turn: 1, playedMs: 20 });
    await settle();
    expect(heard).toEqual(['realtime', 'activityStart']);
    await scene.call(stop());
    scene.dispatch.mirror(frame);
    await settle();
    expect(heard).toHaveLength(2);
    expect(scene.heardOf('s1')[0]?.response).toEqual({
      status: 'Successfully stopped streaming function monitor',
    });
  });
});
