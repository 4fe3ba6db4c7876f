import { describe, expect, it } from 'vitest';
import { SYNC_MODEL, ToolScene } from '../testing/tool-scene.js';
import { FunctionTool } from '../tool/function-tool.js';

/** Writes down that it ran. */
function traced(log: string[], result: unknown = { ok: true }): FunctionTool {
  return new FunctionTool({
    name: 'traced',
    description: '',
    execute: () => {
      log.push('tool');
      if (result instanceof Error) throw result;
      return result;
    },
  });
}

describe('Callbacks around a tool', () => {
  it('F7 run plugins first, then the agent’s, and an answer before the tool keeps it from running', async () => {
    const log: string[] = [];
    const scene = new ToolScene({
      tools: [traced(log)],
      plugins: [
        {
          name: 'watcher',
          beforeToolCallback: () => void log.push('plugin before'),
          afterToolCallback: () => void log.push('plugin after'),
        },
      ],
      callbacks: {
        beforeToolCallback: [
          () => void log.push('agent before'),
          () => ({ cached: 1 }),
          () => void log.push('never'),
        ],
        afterToolCallback: () => void log.push('agent after'),
      },
    });
    await scene.call({ name: 'traced' });
    expect(log).toEqual(['plugin before', 'agent before', 'plugin after', 'agent after']);
    expect(scene.heardOf('c1')[0]?.response).toEqual({ cached: 1 });
  });

  it('F7 a plugin’s answer keeps the agent’s callback from being asked', async () => {
    const log: string[] = [];
    const scene = new ToolScene({
      tools: [traced(log)],
      plugins: [{ name: 'cache', beforeToolCallback: async () => ({ by: 'plugin' }) }],
      callbacks: { beforeToolCallback: () => void log.push('agent') },
    });
    await scene.call({ name: 'traced' });
    expect(log).toEqual([]);
    expect(scene.heardOf('c1')[0]?.response).toEqual({ by: 'plugin' });
  });

  it('F4 may put something in place of an error, also of an unknown tool’s', async () => {
    const seen: unknown[] = [];
    const scene = new ToolScene({
      tools: [traced([], new Error('broken'))],
      callbacks: {
        onToolErrorCallback: ({ tool, toolName, error }) => {
          seen.push([tool?.name, toolName, error.message]);
          return { sorry: toolName };
        },
      },
    });
    await scene.call({ name: 'traced' }, { name: 'ghost' });
    expect(scene.toModel[0]?.map(({ response }) => response)).toEqual([
      { sorry: 'traced' },
      { sorry: 'ghost' },
    ]);
    expect(seen).toEqual([
      [undefined, 'ghost', 'There is no tool "ghost". Tools: traced.'],
      ['traced', 'traced', 'broken'],
    ]);
  });

  it('that throw before let the tool not run, and after let its result not out', async () => {
    const log: string[] = [];
    const guard = (): never => {
      throw new Error('guard broke');
    };
    const before = new ToolScene({ tools: [traced(log)], callbacks: { beforeToolCallback: guard } });
    await before.call({ name: 'traced' });
    expect(log).toEqual([]);
    const after = new ToolScene({ tools: [traced([], 'secret')], callbacks: { afterToolCallback: guard } });
    await after.call({ name: 'traced' });
    for (const scene of [before, after])
      expect(scene.heardOf('c1')[0]?.response).toEqual({ error: 'guard broke' });
  });

  it('that never answer are given up after 30 s', async () => {
    const scene = new ToolScene({
      tools: [traced([])],
      callbacks: { beforeToolCallback: () => new Promise(() => undefined) },
    });
    await scene.call({ name: 'traced' });
    await scene.clock.advance(30_000);
    expect(scene.heardOf('c1')[0]?.response).toEqual({
      error: 'A callback of the tool did not answer in time.',
    });
  });

  it('screen every yield of a streaming tool', async () => {
    const feed = new FunctionTool({
      name: 'feed',
      description: '',
      execute: async function* () {
        yield 'public';
        yield 'secret';
      },
    });
    const scene = new ToolScene({
      tools: [feed],
      capabilities: SYNC_MODEL,
      callbacks: {
        afterToolCallback: ({ response }) =>
          response['result'] === 'secret' ? { result: '***' } : undefined,
      },
    });
    await scene.call({ name: 'feed' });
    expect(scene.told.map(({ parts }) => parts[0]?.text)).toEqual([
      'Function feed returned: public',
      'Function feed returned: ***',
    ]);
  });
});
