import { functionCallsOf, functionResponsesOf, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { scene, textOf } from '../testing/async-scene.js';
import { calls, says, ScriptedLlm } from '../testing/scripted-llm.js';
import { FunctionTool } from '../tool/function-tool.js';
import { LongRunningFunctionTool } from '../tool/long-running-function-tool.js';

const weather = new FunctionTool({ name: 'weather', description: 'w', execute: () => ({ sky: 'blue' }) });

describe('tools in runAsync', () => {
  it('runs what the model calls, tells call and response, and asks again with both', async () => {
    const talk = await scene(
      { tools: [weather] },
      new ScriptedLlm([calls(['c1', 'weather'])], [says('Blue.')]),
    );
    const events = await talk.run('sky?');
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ content: { role: 'model' }, longRunningToolIds: [] });
    expect(events[1]).toMatchObject({
      author: 'root',
      content: {
        role: 'user',
        parts: [{ functionResponse: { id: 'c1', name: 'weather', response: { sky: 'blue' } } }],
      },
    });
    expect(talk.llm.requests[1]?.contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
    expect((await talk.stored()).map(({ id }) => id)).toEqual(
      expect.arrayContaining(events.map(({ id }) => id)),
    );
  });

  it('runs the calls of one answer at the same time and tells their responses in call order', async () => {
    const order: string[] = [];
    let letSlowEnd: () => void = () => undefined;
    const slow = new FunctionTool({
      name: 'slow',
      description: 's',
      execute: () => new Promise((resolve) => (letSlowEnd = () => resolve(order.push('slow')))),
    });
    const fast = new FunctionTool({
      name: 'fast',
      description: 'f',
      execute: () => (order.push('fast'), letSlowEnd()),
    });
    const llm = new ScriptedLlm([calls(['a', 'slow'], ['b', 'fast'])], [says('done')]);
    const [, response] = await (await scene({ tools: [slow, fast] }, llm)).run('go');
    expect(order).toEqual(['fast', 'slow']);
    expect(response && functionResponsesOf(response).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('gives calls without an id one of its own', async () => {
    const talk = await scene({ tools: [weather] }, new ScriptedLlm([calls(['', 'weather'])], [says('ok')]));
    const [call, response] = await talk.run('go');
    const id = call && functionCallsOf(call)[0]?.id;
    expect(id).toMatch(/^adk-/);
    expect(response && functionResponsesOf(response)[0]?.id).toBe(id);
  });

  it('runs calls that are alike once where that is asked for', async () => {
    let runs = 0;
    const once = new FunctionTool({ name: 'once', description: 'o', execute: () => ++runs });
    const llm = new ScriptedLlm([calls(['a', 'once'], ['b', 'once'])], [says('ok')]);
    const [, response] = await (
      await scene({ tools: [once] }, llm)
    ).run('go', { runConfig: { dedupeToolCalls: true } });
    expect(runs).toBe(1);
    expect(response && functionResponsesOf(response).map(({ response: told }) => told)).toEqual([
      { result: 1 },
      { result: 1 },
    ]);
  });

  it('tells the yields of a streaming tool as deltas, and the model what it returned', async () => {
    const count = new FunctionTool({
      name: 'count',
      description: 'c',
      async *execute() {
        yield 1;
        yield 2;
        return 'counted';
      },
    });
    const talk = await scene({ tools: [count] }, new ScriptedLlm([calls(['c', 'count'])], [says('ok')]));
    const events = await talk.run('go');
    const told = events.flatMap((event) =>
      functionResponsesOf(event).map(({ response }) => [response, event.partial]),
    );
    expect(told).toEqual([
      [{ result: 1 }, true],
      [{ result: 2 }, true],
      [{ result: 'counted' }, undefined],
    ]);
    expect(talk.llm.requests[0]?.tools?.map(({ name }) => name)).toEqual(['count']);
  });

  it('ends the turn at a long-running call, and goes on when the app answers it', async () => {
    const order = new LongRunningFunctionTool({ name: 'order', description: 'o', execute: () => undefined });
    const talk = await scene(
      { tools: [order, weather] },
      new ScriptedLlm([calls(['l1', 'order'], ['w1', 'weather'])], [says('Arrived.')]),
    );
    const first = await talk.run('order it');
    expect(first.map(({ longRunningToolIds }) => longRunningToolIds)).toEqual([['l1'], undefined]);
    expect(first[1] && functionResponsesOf(first[1]).map(({ id }) => id)).toEqual(['w1']);
    const answer = { id: 'l1', name: 'order', response: { status: 'arrived' } };
    const second = await talk.run({ parts: [{ functionResponse: answer }] });
    expect(second.map(textOf)).toEqual(['Arrived.']);
    expect(
      talk.llm.requests[1]?.contents.at(-1)?.parts.map((part) => part.functionResponse?.response),
    ).toEqual([{ status: 'arrived' }, { sky: 'blue' }]);
  });

  it('asks a person, ends, and runs the call when the next message agrees', async () => {
    let wired = 0;
    const pay = new FunctionTool({
      name: 'pay',
      description: 'p',
      requireConfirmation: true,
      execute: () => ++wired,
    });
    const talk = await scene({ tools: [pay] }, new ScriptedLlm([calls(['p1', 'pay'])], [says('Paid.')]));
    const asked = await talk.run('pay');
    const question = asked.at(-1) && functionCallsOf(asked.at(-1) as Event)[0];
    expect(question?.name).toBe('adk_request_confirmation');
    expect(asked.at(-1)).toMatchObject({
      longRunningToolIds: [question?.id],
      actions: { requestedToolConfirmations: { p1: { confirmed: false } } },
    });
    expect(wired).toBe(0);
    const agreed = {
      id: question?.id ?? '',
      name: 'adk_request_confirmation',
      response: { confirmed: true },
    };
    const done = await talk.run({ parts: [{ functionResponse: agreed }] });
    expect(wired).toBe(1);
    expect(done[0] && functionResponsesOf(done[0])).toEqual([
      { id: 'p1', name: 'pay', response: { result: 1 } },
    ]);
    expect(textOf(done[1] as Event)).toBe('Paid.');
    const parts = talk.llm.requests[1]?.contents.flatMap((content) => content.parts) ?? [];
    expect(JSON.stringify(parts)).not.toContain('adk_request_confirmation');
    await talk.run({ parts: [{ functionResponse: agreed }] }).catch(() => undefined);
    expect(wired).toBe(1);
  });

  it('tells the model of a refusal, and runs nothing', async () => {
    let wired = 0;
    const pay = new FunctionTool({
      name: 'pay',
      description: 'p',
      requireConfirmation: true,
      execute: () => ++wired,
    });
    const talk = await scene({ tools: [pay] }, new ScriptedLlm([calls(['p1', 'pay'])], [says('Fine.')]));
    const asked = await talk.run('pay');
    const id = functionCallsOf(asked.at(-1) as Event)[0]?.id ?? '';
    const [response] = await talk.run({
      parts: [
        {
          functionResponse: {
            id,
            name: 'adk_request_confirmation',
            response: { response: '{"confirmed":false}' },
          },
        },
      ],
    });
    expect(wired).toBe(0);
    expect(response && functionResponsesOf(response)[0]?.response).toEqual({
      error: 'This tool call is rejected.',
    });
  });

  it('ends at once when the signal aborts while a tool runs, and aborts the tool', async () => {
    const abort = new AbortController();
    let signal: AbortSignal | undefined;
    const stuck = new FunctionTool({
      name: 'stuck',
      description: 's',
      execute: (_args, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      },
    });
    const talk = await scene({ tools: [stuck] }, new ScriptedLlm([calls(['c', 'stuck'])]));
    const running = talk.run('go', { signal: abort.signal });
    await expect.poll(() => signal).toBeDefined();
    abort.abort();
    await expect.poll(() => signal?.aborted).toBe(true);
    await talk.clock.advance(100);
    expect(await running).toHaveLength(1);
  });
});
