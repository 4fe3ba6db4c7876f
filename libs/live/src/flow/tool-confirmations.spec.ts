import { settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SYNC_MODEL, ToolScene } from '../testing/tool-scene.js';
import { FunctionTool } from '../tool/function-tool.js';
import { CONFIRMATION_EXPIRES_MS, MAX_OPEN_CONFIRMATIONS } from './tool-confirmations.js';

const PAY = { name: 'pay', args: { euros: 500 } };

/** Asks above 100 euros. */
function pay(paid: unknown[]): FunctionTool<z.ZodObject<{ euros: z.ZodNumber }>> {
  return new FunctionTool({
    name: 'pay',
    description: 'Pays.',
    parameters: z.object({ euros: z.number() }),
    requireConfirmation: ({ euros }) => euros > 100,
    execute: ({ euros }, { toolConfirmation }) => {
      paid.push([euros, toolConfirmation?.payload]);
      return { paid: euros };
    },
  });
}

async function decide(scene: ToolScene, response: Record<string, unknown>): Promise<void> {
  const id = scene.events.findLast((event) => event.longRunningToolIds?.length)?.longRunningToolIds?.[0];
  const forModel = scene.dispatch.answer([{ id: id ?? '', name: 'adk_request_confirmation', response }]);
  expect(forModel).toEqual([]);
  await settle();
}

describe('A tool that needs a person’s agreement', () => {
  it('F19 asks the client and does not run before', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)], capabilities: SYNC_MODEL });
    await scene.call(PAY);
    expect(paid).toEqual([]);
    expect(scene.toModel).toEqual([]);
    const asked = { hint: expect.stringContaining('pay()') as string, confirmed: false };
    expect(scene.event).toEqual({
      content: {
        role: 'model',
        parts: [
          {
            functionCall: {
              id: 'adk-1',
              name: 'adk_request_confirmation',
              args: { originalFunctionCall: { id: 'c1', ...PAY }, toolConfirmation: asked },
            },
          },
        ],
      },
      longRunningToolIds: ['adk-1'],
      actions: expect.objectContaining({ requestedToolConfirmations: { c1: asked } }) as object,
    });
    expect(scene.dispatch.pending).toEqual(['c1']);
  });

  it('F19 runs when it is approved, with what the person sent along, once', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)], capabilities: SYNC_MODEL });
    await scene.call(PAY);
    await decide(scene, { confirmed: true, payload: { by: 'Ann' } });
    await decide(scene, { confirmed: true });
    expect(paid).toEqual([[500, { by: 'Ann' }]]);
    expect(scene.toModel).toEqual([[{ id: 'c1', name: 'pay', response: { paid: 500 } }]]);
    expect(scene.dispatch.pending).toEqual([]);
  });

  it.each([
    [{ confirmed: false }],
    [{ confirmed: 'true' }],
    [{}],
    [{ response: 'not json' }],
    [{ response: '{"confirmed":false}' }],
  ])('F19 is rejected by anything but a yes: %j', async (answer) => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)] });
    await scene.call(PAY);
    await decide(scene, answer);
    expect(paid).toEqual([]);
    expect(scene.heardOf('c1').at(-1)?.response).toEqual({ error: 'This tool call is rejected.' });
  });

  it('F19 takes the wrapped answer of ADK’s web client', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)] });
    await scene.call(PAY);
    await decide(scene, { response: '{"confirmed":true}' });
    expect(paid).toHaveLength(1);
  });

  it('F19 tells a model that goes on meanwhile that it waits', async () => {
    const scene = new ToolScene({ tools: [pay([])] });
    await scene.call(PAY);
    expect(scene.toModel).toEqual([
      [{ id: 'c1', name: 'pay', response: { status: 'awaiting confirmation' }, willContinue: true }],
    ]);
    await decide(scene, { confirmed: true });
    expect(scene.heardOf('c1').at(-1)).toEqual({ id: 'c1', name: 'pay', response: { paid: 500 } });
  });

  it('F19 asks for what needs it alone, and nobody about arguments that do not fit', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)], capabilities: SYNC_MODEL });
    await scene.call(PAY, { name: 'pay', args: { euros: 5 } }, { name: 'pay', args: { euros: 'all' } });
    expect(paid).toEqual([[5, undefined]]);
    expect(scene.toModel).toHaveLength(1);
    expect(scene.toModel[0]?.map(({ id, response }) => [id, Object.keys(response)])).toEqual([
      ['c2', ['paid']],
      ['c3', ['error']],
    ]);
  });

  it('F19 may ask while it runs, and is run anew with the answer', async () => {
    const seen: unknown[] = [];
    const leave = new FunctionTool({
      name: 'leave',
      description: '',
      execute: (_args, context) => {
        seen.push(context.toolConfirmation?.payload);
        if (context.toolConfirmation) return { days: 3 };
        context.requestConfirmation({ hint: 'How many days?', payload: { days: 0 } });
        return 'not used';
      },
    });
    const scene = new ToolScene({ tools: [leave], capabilities: SYNC_MODEL });
    await scene.call({ name: 'leave' });
    expect(scene.toModel).toEqual([]);
    expect(scene.event.actions?.requestedToolConfirmations).toEqual({
      c1: { hint: 'How many days?', confirmed: false, payload: { days: 0 } },
    });
    await decide(scene, { confirmed: true, payload: { days: 3 } });
    expect(seen).toEqual([undefined, { days: 3 }]);
    expect(scene.heardOf('c1')[0]?.response).toEqual({ days: 3 });
  });

  it('F19 may be asked for by a guardrail, before the tool runs', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({
      tools: [pay(paid)],
      plugins: [
        {
          name: 'careful',
          beforeToolCallback: ({ context }) => {
            if (!context.toolConfirmation) context.requestConfirmation({ hint: 'Sure?' });
          },
        },
      ],
    });
    await scene.call({ name: 'pay', args: { euros: 1 } });
    expect(paid).toEqual([]);
    await decide(scene, { confirmed: true });
    expect(paid).toHaveLength(1);
  });

  it('F19 is rejected when nobody answers for ten minutes', async () => {
    const scene = new ToolScene({ tools: [pay([])], capabilities: SYNC_MODEL });
    await scene.call(PAY);
    await scene.clock.advance(CONFIRMATION_EXPIRES_MS);
    expect(scene.heardOf('c1')[0]?.response).toEqual({
      error: 'This tool call is rejected.',
      reason: 'Nobody answered in time.',
    });
    await decide(scene, { confirmed: true });
    expect(scene.toModel).toHaveLength(1);
  });

  it('F17 F16 is not asked about any longer when its call was taken back or the run ended', async () => {
    const paid: unknown[] = [];
    const scene = new ToolScene({ tools: [pay(paid)] });
    await scene.call(PAY);
    scene.dispatch.cancel(['c1']);
    await decide(scene, { confirmed: true });
    await scene.call({ id: 'c2', ...PAY });
    await scene.dispatch.stopAll();
    await decide(scene, { confirmed: true });
    expect(paid).toEqual([]);
  });

  it('is refused when too many questions are open', async () => {
    const scene = new ToolScene({ tools: [pay([])], capabilities: SYNC_MODEL });
    for (let i = 0; i <= MAX_OPEN_CONFIRMATIONS; i++) await scene.call({ id: `c${i}`, ...PAY });
    expect(scene.toModel).toEqual([
      [
        {
          id: `c${MAX_OPEN_CONFIRMATIONS}`,
          name: 'pay',
          response: { error: 'Too many confirmations are open already.' },
        },
      ],
    ]);
  });
});
