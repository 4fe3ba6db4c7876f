import { functionResponsesOf } from '@parley/event';
import { LlmAgent } from '@parley/live';
import { describe, expect, it } from 'vitest';
import type { Conversation } from './support/conversation.js';
import { conversations, MODELS } from './support/conversations.js';
import { Gate } from './support/gate.js';
import { microphone, toolCall } from './support/messages.js';
import { ModelClock } from './support/model-clock.js';
import type { ClientMessage } from './support/model-side.js';
import { answers, tool, toolAnswers } from './support/tools.js';

const conversation = conversations();
const PENDING = 'The function is running asynchronously and the results are pending.';

/** Never resolves, but rejects when the tool is told to stop. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });

/** Ways in which an agent leaves the line, and what follows when it has. */
const ENDINGS = [
  {
    ending: 'a hand-over',
    end: (call: Conversation) =>
      call.model.send(toolCall({ id: 't1', name: 'transfer_to_agent', args: { agentName: 'other' } })),
    over: (call: Conversation): Promise<unknown> => call.connection(1),
  },
  {
    ending: 'the close of the queue',
    end: (call: Conversation) => call.queue.close(),
    over: (call: Conversation): Promise<unknown> => call.over(),
  },
  {
    ending: 'the loss of the client',
    end: (call: Conversation) => call.abort(),
    over: (call: Conversation): Promise<unknown> => call.over(),
  },
];

describe('F. Tools beside the conversation', () => {
  it('F9 answers a streaming tool as pending, then with each yield as it comes, then for the last time', async () => {
    const [first, second, end] = [new Gate(), new Gate(), new Gate()];
    const count = tool('count', async function* () {
      await first.opened;
      yield 1;
      await second.opened;
      yield { two: 2 };
      await end.opened;
    });
    const call = await conversation({ tools: [count] });
    const about = { id: 'c1', name: 'count' };
    const expected: ClientMessage[] = [];
    call.model.send(toolCall(about));
    for (const { gate, response, ...silently } of [
      { gate: undefined, response: { status: PENDING }, scheduling: 'SILENT' as const },
      { gate: first, response: { result: 1 } },
      { gate: second, response: { two: 2 } },
    ]) {
      gate?.open();
      expected.push(answers({ ...about, response, willContinue: true, ...silently }));
      await call.model.received(expected.length);
      expect(toolAnswers(await call.sent())).toEqual(expected);
    }
    end.open();
    await call.model.got({ toolResponse: { functionResponses: [{ willContinue: false }] } });
    expected.push(answers({ ...about, response: {}, willContinue: false, scheduling: 'SILENT' }));
    expect(await call.sent()).toEqual(expected);
    await call.until('an event for each answer', () => call.events.length >= 5);
    expect(call.events.flatMap(functionResponsesOf)).toMatchObject([
      { response: { status: PENDING } },
      { response: { result: 1 } },
      { response: { two: 2 } },
      { willContinue: false },
    ]);
  });

  it('F10 tells the yields of a streaming tool as words of the user where a call takes one answer', async () => {
    const count = tool('count', async function* () {
      yield 'one';
      yield { two: 2 };
    });
    const call = await conversation({ model: MODELS.flashLive31, tools: [count] });
    call.model.send(toolCall({ id: 'c1', name: 'count' }));
    await call.model.received(3);
    expect(await call.sent()).toEqual([
      answers({ id: 'c1', name: 'count', response: { status: PENDING } }),
      { realtimeInput: { text: 'Function count returned: one' } },
      { realtimeInput: { text: 'Function count returned: {"two":2}' } },
    ]);
  });

  it('F11 declares a tool with a scheduling NON_BLOCKING, and schedules its response', async () => {
    const call = await conversation({
      tools: [tool('look', () => 'rain', { responseScheduling: 'WHEN_IDLE' }), tool('roll', () => 4)],
    });
    const [{ functionDeclarations = [] } = {}] = call.model.setup['tools'] as {
      functionDeclarations?: { name: string; behavior?: string }[];
    }[];
    expect(functionDeclarations.map(({ name, behavior }) => [name, behavior])).toEqual([
      ['look', 'NON_BLOCKING'],
      ['roll', undefined],
    ]);
    call.model.send(toolCall({ id: 'c1', name: 'look' }));
    call.model.send(toolCall({ id: 'c2', name: 'roll' }));
    expect(await call.model.received(2)).toEqual([
      answers({ id: 'c1', name: 'look', response: { result: 'rain' }, scheduling: 'WHEN_IDLE' }),
      answers({ id: 'c2', name: 'roll', response: { result: 4 } }),
    ]);
  });

  it('F12 stops a streaming tool: aborted, said so, not heard again, and free to start anew', async () => {
    const signals: AbortSignal[] = [];
    const ended: string[] = [];
    const watch = tool('watch', async function* (_args, { signal, functionCallId }) {
      signals.push(signal);
      yield `news for ${functionCallId}`;
      await untilAborted(signal).catch(() => ended.push(functionCallId));
      yield 'stale news';
    });
    const call = await conversation({ tools: [watch] });
    call.model.send(toolCall({ id: 'c1', name: 'watch' }));
    await call.model.received(2);
    call.model.send(toolCall({ id: 's1', name: 'stop_streaming', args: { function_name: 'watch' } }));
    expect(await call.model.got(answers({ id: 's1' }))).toEqual(
      answers({
        id: 's1',
        name: 'stop_streaming',
        response: { status: 'Successfully stopped streaming function watch' },
      }),
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(ended).toEqual(['c1']);
    const sent = await call.sent();
    expect(JSON.stringify(sent)).not.toContain('stale');
    expect(sent.filter((message) => JSON.stringify(message).includes('"c1"')).at(-1)).toMatchObject(
      answers({ id: 'c1', response: { status: 'stopped' }, willContinue: false }),
    );
    call.model.send(toolCall({ id: 'c2', name: 'watch' }));
    await call.model.got(answers({ id: 'c2', response: { result: 'news for c2' } }));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(JSON.stringify(await call.sent())).not.toContain('stale');
  });

  it('F13 says of a tool that does not stream that none is active', async () => {
    const idle = tool('watch', async function* () {
      yield 'never called';
    });
    const call = await conversation({ tools: [idle] });
    for (const [at, name] of ['watch', 'nobody'].entries()) {
      const id = `s${at}`;
      call.model.send(toolCall({ id, name: 'stop_streaming', args: { function_name: name } }));
      const status = `No active streaming function named ${name} found`;
      expect((await call.model.received(at + 1))[at]).toEqual(
        answers({ id, name: 'stop_streaming', response: { status } }),
      );
    }
  });

  it('F14 lets a tool read what the user sends from its call on, until it is stopped', async () => {
    const heard: number[] = [];
    let reading: 'not yet' | 'yes' | 'no more' = 'not yet';
    const listen = tool(
      'listen',
      async function* (_args, { inputStream }) {
        reading = 'yes';
        for await (const request of inputStream ?? []) {
          if (request.kind === 'realtime') heard.push(request.blob.data[0] ?? 0);
        }
        reading = 'no more';
        yield 'the end';
      },
      { inputStream: true },
    );
    const call = await conversation({ tools: [listen] });
    call.queue.sendRealtime(microphone(20, 1));
    await call.model.received(1);
    call.model.send(toolCall({ id: 'c1', name: 'listen' }));
    await call.until('the tool to listen', () => reading === 'yes');
    call.queue.sendRealtime(microphone(20, 2));
    call.queue.sendRealtime(microphone(20, 3));
    await call.until('the tool to hear', () => heard.length === 2);
    call.model.send(toolCall({ id: 's1', name: 'stop_streaming', args: { function_name: 'listen' } }));
    await call.model.got(answers({ id: 's1' }));
    expect(reading).toBe('no more');
    call.queue.sendRealtime(microphone(20, 4));
    const sent = await call.sent();
    expect(heard).toEqual([2, 3]);
    expect(sent.filter((message) => 'realtimeInput' in message)).toHaveLength(4);
    expect(JSON.stringify(sent)).not.toContain('the end');
  });

  it('F15 keeps track of every call of a streaming tool, and stops all with the run', async () => {
    const gate = new Gate();
    const signals = new Map<string, AbortSignal>();
    const watch = tool('watch', async function* (_args, { signal, functionCallId }) {
      signals.set(functionCallId, signal);
      await gate.opened;
      yield `news for ${functionCallId}`;
      await untilAborted(signal);
    });
    const call = await conversation({ tools: [watch] });
    call.model.send(toolCall({ id: 'c1', name: 'watch' }, { id: 'c2', name: 'watch' }));
    await call.until('both to run', () => signals.size === 2);
    gate.open();
    for (const id of ['c1', 'c2']) {
      await call.model.got(answers({ id, response: { result: `news for ${id}` }, willContinue: true }));
    }
    expect([...signals.values()].map(({ aborted }) => aborted)).toEqual([false, false]);
    await call.end();
    expect([...signals.values()].map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it.each(ENDINGS)(
    'F16 aborts everything that runs at $ending, and waits for nothing that will not stop',
    async (given) => {
      const signals: AbortSignal[] = [];
      const stubborn = new Gate();
      const clock = new ModelClock();
      const call = await conversation({
        clock,
        tools: [
          tool('watch', async function* (_args, { signal }) {
            signals.push(signal);
            yield await untilAborted(signal);
          }),
          tool('sleep', async (_args, { signal }) => {
            signals.push(signal);
            await stubborn.opened;
            return 'slept well';
          }),
        ],
        agentConfig: { subAgents: [new LlmAgent({ name: 'other', instruction: 'Be other.' })] },
      });
      const first = call.model;
      call.model.send(toolCall({ id: 'c1', name: 'watch' }, { id: 'c2', name: 'sleep' }));
      await call.until('both to run', () => signals.length === 2);
      given.end(call);
      await call.until('both to be aborted', () => signals.every(({ aborted }) => aborted));
      expect(clock.monotonicMs()).toBe(0);
      await clock.advance(1_000);
      await given.over(call);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
      stubborn.open();
      await first.ended();
      if (!call.ended) await call.sent();
      expect(JSON.stringify(call.connections.map(({ messages }) => messages))).not.toContain('slept well');
    },
  );
});
