import { ParleyError } from '@parley/kernel';
import { ManualClock, settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SYNC_MODEL, ToolScene, waitFor } from '../testing/tool-scene.js';
import { FunctionTool } from '../tool/function-tool.js';
import { LongRunningFunctionTool } from '../tool/long-running-function-tool.js';
import type { ToolContext } from '../tool/tool-context.js';
import type { ToolJob } from '../tool/tool-jobs.js';

function tool(
  name: string,
  execute: (args: Record<string, unknown>, context: ToolContext) => unknown,
  more: { readonly timeoutMs?: number; readonly where?: 'runner' } = {},
): FunctionTool {
  return new FunctionTool({ name, description: name, parameters: z.looseObject({}), execute, ...more });
}

/** Ends when it is told to stop. */
const patient = (stopped: string[] = []): FunctionTool =>
  tool('patient', async (_args, { signal, functionCallId }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped.push(functionCallId);
  });

/** Never ends, whatever it is told. */
const deaf = tool('deaf', () => new Promise(() => undefined));

describe('Calls of one message', () => {
  it('F2 run at the same time and are answered together, in call order', async () => {
    const clock = new ManualClock();
    const slow = tool('slow', async ({ ms }) => {
      await waitFor(clock, Number(ms));
      return { ms };
    });
    const scene = new ToolScene({ tools: [slow], clock });
    await scene.call({ name: 'slow', args: { ms: 400 } }, { name: 'slow', args: { ms: 300 } });
    await clock.advance(399);
    expect(scene.toModel).toEqual([]);
    await clock.advance(1);
    const responses = [
      { id: 'c1', name: 'slow', response: { ms: 400 } },
      { id: 'c2', name: 'slow', response: { ms: 300 } },
    ];
    expect(scene.toModel).toEqual([responses]);
    expect(scene.events).toHaveLength(2);
    expect(scene.event.content).toEqual({
      role: 'user',
      parts: responses.map((functionResponse) => ({ functionResponse })),
    });
  });

  it('F2 are not held up by those that are long-running, streaming or scheduled', async () => {
    const quick = tool('quick', () => 'done');
    const background = new FunctionTool({
      name: 'background',
      description: '',
      responseScheduling: 'WHEN_IDLE',
      execute: () => new Promise(() => undefined),
    });
    const scene = new ToolScene({ tools: [quick, background] });
    await scene.call({ name: 'background' }, { name: 'quick' });
    expect(scene.toModel).toEqual([[{ id: 'c2', name: 'quick', response: { result: 'done' } }]]);
    expect(scene.dispatch.pending).toEqual(['c1']);
  });

  it('are told as one event before anything runs', () => {
    const scene = new ToolScene({ tools: [tool('now', () => 1)] });
    scene.dispatch.call([{ id: 'c1', name: 'now', args: { a: 1 } }]);
    expect(scene.events).toEqual([
      {
        content: { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'now', args: { a: 1 } } }] },
        longRunningToolIds: [],
      },
    ]);
  });

  it('that are alike run once when that is asked for, whatever the order of their arguments', async () => {
    let runs = 0;
    const counted = tool('counted', (_args, { state }) => state.set('runs', (runs += 1)));
    const scene = new ToolScene({ tools: [counted], dedupeToolCalls: true });
    await scene.call(
      { name: 'counted', args: { a: 1, b: { c: 2, d: 3 } } },
      { name: 'counted', args: { a: 2 } },
      { name: 'counted', args: { b: { d: 3, c: 2 }, a: 1 } },
    );
    expect(runs).toBe(2);
    expect(scene.toModel[0]?.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3']);
    expect(scene.event.actions?.stateDelta).toEqual({ runs: 2 });
  });

  it('that are alike and taken back one by one answer whom they are left for', async () => {
    const clock = new ManualClock();
    const slow = tool('slow', () => waitFor(clock, 100));
    const scene = new ToolScene({ tools: [slow], dedupeToolCalls: true, clock });
    await scene.call({ name: 'slow' }, { name: 'slow' });
    scene.dispatch.cancel(['c1']);
    await clock.advance(100);
    expect(scene.toModel.flat().map(({ id }) => id)).toEqual(['c2']);
  });

  it('beyond the limit are refused, tools that outlived their time counted, the runtime’s own let through', async () => {
    const hung = tool('hung', () => new Promise(() => undefined), { timeoutMs: 10 });
    const scene = new ToolScene({
      tools: [hung],
      maxConcurrentCalls: 2,
      toolSet: { transferTargets: [{ name: 'other' }] },
    });
    await scene.call({ name: 'hung' }, { name: 'hung' }, { name: 'hung' });
    await scene.clock.advance(10);
    expect(scene.heardOf('c3')[0]?.response).toEqual({
      error: 'Too many tools are running already (2). Try again later.',
    });
    await scene.call({ id: 'd1', name: 'hung' });
    expect(scene.heardOf('d1')[0]?.response).toHaveProperty('error');
    await scene.call({ id: 't1', name: 'transfer_to_agent', args: { agentName: 'other' } });
    expect(scene.event.actions?.transferToAgent).toBe('other');
  });

  it('A9 get an id of ours when they have none, which the model never sees', async () => {
    const scene = new ToolScene({ tools: [tool('now', (_args, { functionCallId }) => functionCallId)] });
    await scene.call({ id: '', name: 'now' });
    expect(scene.toModel).toEqual([[{ id: '', name: 'now', response: { result: 'adk-1' } }]]);
    expect(scene.event.content?.parts[0]?.functionResponse?.id).toBe('adk-1');
  });

  it('run once though the model sends them again while they run', async () => {
    const stopped: string[] = [];
    const scene = new ToolScene({ tools: [patient(stopped)] });
    await scene.call({ name: 'patient' });
    await scene.call({ name: 'patient' });
    expect(scene.events).toHaveLength(1);
    await scene.dispatch.stopAll();
    expect(stopped).toEqual(['c1']);
  });
});

describe('A tool', () => {
  it('F4 that throws gives the model an error, and the others their answers', async () => {
    const scene = new ToolScene({
      tools: [
        tool('bad', () => {
          throw new Error('no such city');
        }),
        tool('good', () => 1),
      ],
    });
    await scene.call({ name: 'bad' }, { name: 'good' });
    expect(scene.toModel[0]?.map(({ response }) => response)).toEqual([
      { error: 'no such city' },
      { result: 1 },
    ]);
  });

  it('F5 that does not exist gives the model an error that lists those that do', async () => {
    const scene = new ToolScene({ tools: [tool('real', () => 1)] });
    await scene.call({ name: 'made_up' });
    expect(scene.toModel[0]?.[0]?.response).toEqual({ error: 'There is no tool "made_up". Tools: real.' });
  });

  it('gets a copy of its arguments', async () => {
    const scene = new ToolScene({
      tools: [tool('vandal', (args) => Object.assign(args['list'] as object, { 0: 'spoiled' }))],
    });
    await scene.call({ name: 'vandal', args: { list: ['whole'] } });
    expect(scene.events[0]?.content?.parts[0]?.functionCall?.args).toEqual({ list: ['whole'] });
  });

  it('F18 that takes too long is told to stop, and the model that it timed out', async () => {
    let reason: unknown;
    const late = tool(
      'late',
      (_args, { signal }) =>
        new Promise(() =>
          signal.addEventListener('abort', () => {
            reason = signal.reason as unknown;
          }),
        ),
      { timeoutMs: 50 },
    );
    const scene = new ToolScene({ tools: [late] });
    await scene.call({ name: 'late' });
    await scene.clock.advance(50);
    expect(scene.toModel).toEqual([
      [{ id: 'c1', name: 'late', response: { error: 'No result within 50 ms.' } }],
    ]);
    expect(reason).toMatchObject({ code: 'tool_timeout' });
  });

  it('F17 whose call is taken back is aborted, not answered, and does not hold the others', async () => {
    const stopped: string[] = [];
    const scene = new ToolScene({ tools: [patient(stopped), tool('quick', () => 1)] });
    await scene.call({ name: 'patient' }, { name: 'quick' });
    expect(scene.toModel).toEqual([]);
    scene.dispatch.cancel(['c1', 'unknown']);
    await settle();
    expect(stopped).toEqual(['c1']);
    expect(scene.toModel.flat().map(({ id }) => id)).toEqual(['c2']);
    expect(scene.dispatch.pending).toEqual([]);
  });

  it('F20 reaches the model before its event is told', async () => {
    const scene = new ToolScene({ tools: [tool('now', () => 1)] });
    await scene.call({ name: 'now' });
    expect(scene.order).toEqual(['emit', 'respond', 'emit']);
  });

  it('F8 that is long-running and returns nothing is not answered, and the app’s later answer passes', async () => {
    const order = new LongRunningFunctionTool({
      name: 'order',
      description: 'Orders.',
      execute: (_args, { state }) => state.set('ordered', true),
    });
    const scene = new ToolScene({ tools: [order], capabilities: SYNC_MODEL });
    await scene.call({ name: 'order' });
    expect(scene.events[0]?.longRunningToolIds).toEqual(['c1']);
    expect(scene.toModel).toEqual([]);
    expect(scene.event).toMatchObject({ actions: { stateDelta: { ordered: true } } });
    expect(scene.event.content).toBeUndefined();
    expect(scene.dispatch.pending).toEqual(['c1']);
    const later = { id: 'c1', name: 'order', response: { tracking: 7 } };
    expect(scene.dispatch.answer([later])).toEqual([later]);
    expect(scene.dispatch.pending).toEqual([]);
  });

  it('F8 that is long-running and has a first answer goes on where the model can, and is done where not', async () => {
    const order = new LongRunningFunctionTool({
      name: 'order',
      description: '',
      execute: () => ({ ticket: 1 }),
    });
    const first = { id: 'c1', name: 'order', response: { ticket: 1 } };
    const scene = new ToolScene({ tools: [order] });
    await scene.call({ name: 'order' });
    expect(scene.toModel).toEqual([[{ ...first, willContinue: true }]]);
    expect(scene.dispatch.pending).toEqual(['c1']);
    const sync = new ToolScene({ tools: [order], capabilities: SYNC_MODEL });
    await sync.call({ name: 'order' });
    expect(sync.toModel).toEqual([[first]]);
    expect(sync.dispatch.pending).toEqual([]);
  });

  it('can not be answered for by the client while it runs', async () => {
    const scene = new ToolScene({ tools: [deaf] });
    await scene.call({ name: 'deaf' });
    expect(scene.dispatch.answer([{ id: 'c1', name: 'deaf', response: { paid: true } }])).toEqual([]);
    expect(scene.dispatch.answer([{ id: 'adk-9', name: 'old', response: {} }])).toEqual([
      { id: '', name: 'old', response: {} },
    ]);
  });

  it('F11 with a scheduling answers with it, on models that know it', async () => {
    const news = new FunctionTool({
      name: 'news',
      description: '',
      responseScheduling: 'WHEN_IDLE',
      execute: () => 'none',
    });
    const scene = new ToolScene({ tools: [news] });
    await scene.call({ name: 'news' });
    expect(scene.heardOf('c1')[0]).toHaveProperty('scheduling', 'WHEN_IDLE');
    const sync = new ToolScene({ tools: [news], capabilities: SYNC_MODEL });
    await sync.call({ name: 'news' });
    expect(sync.heardOf('c1')[0]).not.toHaveProperty('scheduling');
  });

  it('F21 of the tool-runner runs as a job with the call’s id, and its error is the model’s', async () => {
    const jobs: ToolJob[] = [];
    const far = tool('far', () => 'never here', { where: 'runner' });
    const scene = new ToolScene({
      tools: [far],
      jobs: {
        cancel: async () => undefined,
        run: async (job) => {
          jobs.push(job);
          return { ok: false, error: 'The tool was interrupted and did not finish.' };
        },
        close: async () => undefined,
      },
    });
    await scene.call({ name: 'far', args: { to: 'Oslo' } });
    expect(jobs[0]).toMatchObject({
      jobId: 'live_1.c1',
      agentName: 'helper',
      toolName: 'far',
      tenantId: 't',
    });
    expect(scene.heardOf('c1')[0]?.response).toEqual({
      error: 'The tool was interrupted and did not finish.',
    });
    const without = new ToolScene({ tools: [far] });
    await without.call({ name: 'far' });
    expect(without.heardOf('c1')[0]?.response).toEqual({ error: 'Tools of this kind can not run here.' });
  });
});

describe('What tools change', () => {
  it('rides on their response event, merged deeply and in call order', async () => {
    const set = tool('set', ({ cart, end }, { state, actions }) => {
      state.set('cart', cart);
      if (end) actions.escalate = true;
      return state.get('mood');
    });
    const scene = new ToolScene({ tools: [set] });
    await scene.call(
      { name: 'set', args: { cart: { tea: 1, milk: 1 } } },
      { name: 'set', args: { cart: { tea: 2, jam: 3 }, end: true } },
    );
    expect(scene.event.actions).toMatchObject({
      stateDelta: { cart: { tea: 2, milk: 1, jam: 3 } },
      escalate: true,
    });
    expect(scene.heardOf('c1')[0]?.response).toEqual({ result: 'calm' });
  });

  it('can not reach a prototype', async () => {
    const evil = JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>;
    const scene = new ToolScene({
      tools: [
        tool('nested', (_args, { state }) => state.set('profile', evil)),
        tool('nested2', (_args, { state }) => state.set('profile', { name: 'x' })),
        tool('direct', (_args, { state }) => state.set('__proto__', { admin: true })),
        tool('read', (_args, { state }) => [state.get('__proto__'), state.get('constructor')]),
      ],
    });
    await scene.call({ name: 'nested' }, { name: 'nested2' }, { name: 'direct' }, { name: 'read' });
    const profile = scene.event.actions?.stateDelta?.['profile'] as Record<string, unknown>;
    expect(Object.getPrototypeOf(profile)).toBe(Object.prototype);
    expect(profile['admin']).toBeUndefined();
    expect(scene.heardOf('c3')[0]?.response).toHaveProperty('error');
    expect(scene.heardOf('c4')[0]?.response).toEqual({ result: [null, null] });
  });

  it('G5 includes a hand-over to an agent that may be handed over to, and to no other', async () => {
    const scene = new ToolScene({ toolSet: { transferTargets: [{ name: 'billing' }], inSequence: true } });
    await scene.call({ name: 'transfer_to_agent', args: { agent_name: 'billing' } });
    expect(scene.event.actions?.transferToAgent).toBe('billing');
    await scene.call({ name: 'transfer_to_agent', args: { agentName: 'root' } });
    expect(scene.event.actions?.transferToAgent).toBeUndefined();
    expect(scene.toModel.at(-1)?.[0]?.response).toEqual({
      error: 'There is no agent "root" to transfer to. Agents: billing.',
    });
    await scene.call({ name: 'task_completed' });
    expect(scene.event.actions?.endOfAgent).toBe(true);
    expect(scene.toModel.at(-1)?.[0]?.response).toEqual({ result: 'Task completion signaled.' });
  });
});

describe('stopAll', () => {
  it('F16 aborts everything and names after a second what does not stop; nothing is sent then', async () => {
    const stopped: string[] = [];
    const scene = new ToolScene({ tools: [patient(stopped), deaf] });
    await scene.call({ name: 'patient' }, { name: 'deaf' });
    const stopping = scene.dispatch.stopAll();
    expect(scene.dispatch.stopAll()).toBe(stopping);
    await scene.clock.advance(1_000);
    expect(await stopping).toEqual({ stuck: ['deaf'] });
    expect(stopped).toEqual(['c1']);
    await scene.call({ id: 'late', name: 'patient' });
    expect(scene.events).toHaveLength(1);
    expect(scene.toModel).toEqual([]);
  });

  it('F16 resolves at once when everything has stopped', async () => {
    const scene = new ToolScene({ tools: [patient()] });
    await scene.call({ name: 'patient' });
    expect(await scene.dispatch.stopAll()).toEqual({ stuck: [] });
    expect(await new ToolScene().dispatch.stopAll()).toEqual({ stuck: [] });
  });
});

describe('A thousand cycles', () => {
  it('leave no timer and no call behind, and know which tools never stopped', async () => {
    let timers = 0;
    class CountingClock extends ManualClock {
      override after(delayMs: number, run: () => void): () => void {
        timers += 1;
        let open = true;
        const close = (): void => {
          if (open) timers -= 1;
          open = false;
        };
        const cancel = super.after(delayMs, () => {
          close();
          run();
        });
        return () => {
          close();
          cancel();
        };
      }
    }
    const ticking = new FunctionTool({
      name: 'ticking',
      description: '',
      timeoutMs: 60_000,
      execute: async function* () {
        yield 1;
        await new Promise(() => undefined);
      },
    });
    const failing = tool('failing', () => {
      throw new ParleyError('tool_failed', 'no');
    });
    const asking = new FunctionTool({
      name: 'asking',
      description: '',
      requireConfirmation: true,
      execute: () => 1,
    });
    const clock = new CountingClock();
    const tools = [patient(), failing, ticking, asking, tool('quick', () => 1)];
    const scene = new ToolScene({ tools, clock, maxConcurrentCalls: 4_000 });
    for (let cycle = 0; cycle < 1_000; cycle++) {
      const calls = tools.map(({ name }) => ({ id: `${name}${cycle}`, name, args: {} }));
      scene.dispatch.call(calls);
      await settle(40);
      scene.dispatch.cancel(calls.map(({ id }) => id));
      await settle(5);
    }
    expect(scene.dispatch.pending).toEqual([]);
    expect(timers).toBe(0);
    expect((await scene.end()).stuck).toHaveLength(1_000);
    expect(timers).toBe(0);
  });
});
