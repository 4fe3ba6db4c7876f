import { functionCallsOf } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import {
  codeExecution,
  googleSearch,
  LongRunningFunctionTool,
  type BasePlugin,
  type FunctionTool,
  type ToolJob,
  type ToolJobOutcome,
  type ToolJobs,
} from '@parley/live';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Conversation } from './support/conversation.js';
import { conversations, MODELS } from './support/conversations.js';
import { Gate } from './support/gate.js';
import {
  caption,
  interrupted,
  parts,
  toolCall,
  toolCallCancellation,
  turnComplete,
} from './support/messages.js';
import { answers, tool, toolAnswers } from './support/tools.js';

const conversation = conversations();
const failed = (words: RegExp): object => ({ error: expect.stringMatching(words) as string });

/** The run is still good for a turn. */
async function goesOn(call: Conversation): Promise<void> {
  const from = call.events.length;
  call.model.send(caption('Go on.'), turnComplete());
  await call.event({ turnComplete: true }, from);
}

describe('F. Tools', () => {
  it('F1 names the tools that run at the model beside those that run here, and passes on what they do', async () => {
    const call = await conversation({ tools: [googleSearch, tool('roll', () => 4), codeExecution] });
    const tools = call.model.setup['tools'] as readonly Readonly<Record<string, unknown>>[];
    expect(tools).toHaveLength(3);
    expect(tools).toEqual(expect.arrayContaining([{ googleSearch: {} }, { codeExecution: {} }]));
    expect(JSON.stringify(tools)).not.toMatch(/"name":"(google_search|code_execution)"/);
    const code = { executableCode: { language: 'PYTHON', code: 'print(6 * 7)' } };
    const result = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42' } };
    call.model.send(parts(code), parts(result), turnComplete());
    await call.event({ turnComplete: true });
    const told = call.events.flatMap(({ content }) => content?.parts ?? []);
    expect(told).toEqual([code, result]);
    expect(await call.sent()).toEqual([]);
  });

  it('F1 runs a tool of a 2.5 model at once, before the turn has ended', async () => {
    const call = await conversation({ model: MODELS.nativeAudio25, tools: [tool('roll', () => 4)] });
    call.model.send(caption('Let me roll'), toolCall({ id: 'c1', name: 'roll' }));
    expect(await call.model.received(1)).toEqual([
      answers({ id: 'c1', name: 'roll', response: { result: 4 } }),
    ]);
    expect(call.eventsWith({ turnComplete: true })).toEqual([]);
  });

  it('F2 runs the tools of one message side by side, and answers them together in call order', async () => {
    const [bothRun, slow] = [new Gate(), new Gate()];
    const ended: string[] = [];
    let running = 0;
    const meeting = (name: string, more?: Promise<void>): FunctionTool =>
      tool(name, async () => {
        running += 1;
        if (running === 2) bothRun.open();
        await bothRun.opened;
        await more;
        ended.push(name);
        return name;
      });
    const call = await conversation({ tools: [meeting('one', slow.opened), meeting('two')] });
    call.model.send(toolCall({ id: 'c1', name: 'one' }, { id: 'c2', name: 'two' }));
    await call.until('the end of the quicker tool', () => ended.length === 1);
    expect(await call.sent()).toEqual([]);
    slow.open();
    await call.model.got({ toolResponse: {} });
    expect(ended).toEqual(['two', 'one']);
    expect(await call.sent()).toEqual([
      answers(
        { id: 'c1', name: 'one', response: { result: 'one' } },
        { id: 'c2', name: 'two', response: { result: 'two' } },
      ),
    ]);
    expect(call.kinds.filter((kind) => kind.startsWith('response'))).toEqual(['response one+two']);
  });

  it.each([MODELS.live38, MODELS.nativeAudio25, MODELS.flashLive31])(
    'F3 tells an interruption while a tool of %s still runs',
    async (model) => {
      const held = new Gate();
      let running = false;
      const slow = tool('slow', async () => {
        running = true;
        await held.opened;
        return 'done';
      });
      const call = await conversation({ model, tools: [slow] });
      call.model.send(caption('One moment'), toolCall({ id: 'c1', name: 'slow' }));
      await call.until('the tool to run', () => running);
      call.model.send(interrupted());
      await call.event({ interrupted: true });
      expect(toolAnswers(await call.sent())).toEqual([]);
      held.open();
      expect(await call.model.got({ toolResponse: {} })).toEqual(
        answers({ id: 'c1', name: 'slow', response: { result: 'done' } }),
      );
    },
  );

  it('F4 answers with the error that a tool throws, and goes on', async () => {
    const broken = tool('broken', () => {
      throw new Error('the printer is on fire');
    });
    const call = await conversation({ tools: [broken] });
    call.model.send(toolCall({ id: 'c1', name: 'broken' }));
    expect(await call.model.received(1)).toEqual([
      answers({ id: 'c1', name: 'broken', response: { error: 'the printer is on fire' } }),
    ]);
    await goesOn(call);
    expect(call.eventsWith({ errorCode: undefined })).toHaveLength(call.events.length);
  });

  it("F4 answers with what onToolError makes of an error, the plugin's before the agent's", async () => {
    const broken = tool('broken', () => Promise.reject(new Error('no paper')));
    const plugin: BasePlugin = {
      name: 'medic',
      onToolErrorCallback: ({ args, error }) => {
        return args['by'] === 'plugin' ? { mended: error.message } : undefined;
      },
    };
    const call = await conversation({
      tools: [tool('fine', () => 'fine'), broken],
      plugins: [plugin],
      agentConfig: { onToolErrorCallback: ({ toolName }) => ({ sorry: toolName }) },
    });
    call.model.send(
      toolCall(
        { id: 'c1', name: 'broken', args: { by: 'plugin' } },
        { id: 'c2', name: 'broken' },
        { id: 'c3', name: 'fine' },
      ),
    );
    expect(await call.model.received(1)).toEqual([
      answers(
        { id: 'c1', name: 'broken', response: { mended: 'no paper' } },
        { id: 'c2', name: 'broken', response: { sorry: 'broken' } },
        { id: 'c3', name: 'fine', response: { result: 'fine' } },
      ),
    ]);
  });

  it('F5 answers a call of an unknown tool with an error that lists those that exist, and goes on', async () => {
    const call = await conversation({ tools: [tool('roll', () => 4), tool('flip', () => 'heads')] });
    call.model.send(toolCall({ id: 'c1', name: 'draw' }));
    expect(await call.model.received(1)).toEqual([
      answers({ id: 'c1', name: 'draw', response: failed(/draw.*roll.*flip/) }),
    ]);
    await goesOn(call);
  });

  it.each([
    { result: 'x', response: { result: 'x' } },
    { result: [1], response: { result: [1] } },
    { result: { a: 1 }, response: { a: 1 } },
    { result: undefined, response: { result: null } },
  ])('F6 answers $response for the result $result', async ({ result, response }) => {
    const call = await conversation({ tools: [tool('give', () => result)] });
    call.model.send(toolCall({ id: 'c1', name: 'give' }));
    expect(await call.model.received(1)).toEqual([answers({ id: 'c1', name: 'give', response })]);
  });

  it.each([
    { answering: 'plugin', asked: ['plugin'] },
    { answering: 'agent', asked: ['plugin', 'agent'] },
  ])(
    'F7 answers with what beforeTool of the $answering returns, and does not run the tool',
    async (given) => {
      const asked: string[] = [];
      const before = (who: string) => () => {
        asked.push(who);
        return who === given.answering ? { from: who } : undefined;
      };
      let ran = false;
      const call = await conversation({
        tools: [tool('roll', () => (ran = true))],
        plugins: [{ name: 'plugin', beforeToolCallback: before('plugin') }],
        agentConfig: { beforeToolCallback: before('agent') },
      });
      call.model.send(toolCall({ id: 'c1', name: 'roll' }));
      const response = { from: given.answering };
      expect(await call.model.received(1)).toEqual([answers({ id: 'c1', name: 'roll', response })]);
      expect(asked).toEqual(given.asked);
      await call.sent();
      expect(ran).toBe(false);
    },
  );

  it.each([MODELS.live38, MODELS.flashLive31])(
    'F8 leaves a long-running tool that returns nothing to the app, on %s',
    async (model) => {
      const ask = new LongRunningFunctionTool({
        name: 'ask',
        description: 'Asks.',
        execute: () => undefined,
      });
      const call = await conversation({ model, tools: [ask, tool('roll', () => 4)] });
      call.model.send(toolCall({ id: 'c1', name: 'ask' }, { id: 'c2', name: 'roll' }));
      const asked = await call.event({ longRunningToolIds: [] });
      expect(asked.longRunningToolIds).toEqual(['c1']);
      expect(functionCallsOf(asked).map(({ id }) => id)).toEqual(['c1', 'c2']);
      const rolled = answers({ id: 'c2', name: 'roll', response: { result: 4 } });
      await call.model.got(rolled);
      expect(await call.sent()).toEqual([rolled]);
      expect(call.kinds.filter((kind) => kind.startsWith('response'))).toEqual(['response roll']);
      const later = { id: 'c1', name: 'ask', response: { approved: true } };
      call.queue.sendContent({ parts: [{ functionResponse: later }] });
      await call.model.got(answers(later));
      expect(toolAnswers(await call.sent())).toEqual([rolled, answers(later)]);
    },
  );

  it('F17 aborts a call that the model takes back, answers the others, and not that one', async () => {
    const held = new Gate();
    const signals: AbortSignal[] = [];
    const slow = tool('slow', async (_args, { signal }) => {
      signals.push(signal);
      await held.opened;
      return 'too late';
    });
    const call = await conversation({ tools: [slow, tool('roll', () => 4)] });
    call.model.send(toolCall({ id: 'c1', name: 'slow' }, { id: 'c2', name: 'roll' }));
    await call.until('the tool to run', () => signals.length === 1);
    call.model.send(toolCallCancellation('c1'));
    const rolled = answers({ id: 'c2', name: 'roll', response: { result: 4 } });
    expect(await call.model.received(1)).toEqual([rolled]);
    expect(signals[0]?.aborted).toBe(true);
    held.open();
    expect(await call.sent()).toEqual([rolled]);
    expect(call.kinds).not.toContain('response slow');
  });

  it('F18 answers with an error when a tool takes longer than it may, and goes on', async () => {
    const held = new Gate();
    let signal: AbortSignal | undefined;
    const slow = tool(
      'slow',
      async (_args, context) => {
        ({ signal } = context);
        await held.opened;
        return 'too late';
      },
      { timeoutMs: 20 },
    );
    const call = await conversation({ tools: [slow] });
    call.model.send(toolCall({ id: 'c1', name: 'slow' }));
    const timedOut = answers({ id: 'c1', name: 'slow', response: failed(/within 20 ms/) });
    expect(await call.model.received(1)).toEqual([timedOut]);
    expect(signal?.aborted).toBe(true);
    held.open();
    expect(await call.sent()).toEqual([timedOut]);
    await goesOn(call);
  });

  it('F20 answers the model while the client reads nothing', async () => {
    const call = await conversation({ tools: [tool('roll', () => 4)] });
    const resume = call.pauseReading();
    call.model.send(toolCall({ id: 'c1', name: 'roll' }), toolCall({ id: 'c2', name: 'roll' }));
    expect(await call.model.received(2)).toEqual(
      ['c1', 'c2'].map((id) => answers({ id, name: 'roll', response: { result: 4 } })),
    );
    expect(call.kinds).toEqual(['call roll']);
    resume();
    await call.until('the rest of the events', () => call.events.length === 4);
    expect(call.kinds.filter((kind) => kind === 'response roll')).toHaveLength(2);
  });
});

/** Jobs that end when and how the test says. */
class HeldJobs implements ToolJobs {
  readonly submitted: ToolJob[] = [];
  readonly #ends = new Map<string, (outcome: ToolJobOutcome | Promise<never>) => void>();

  run(job: ToolJob): Promise<ToolJobOutcome> {
    this.submitted.push(job);
    return new Promise((resolve) => this.#ends.set(job.callId, resolve));
  }

  end(callId: string, outcome: ToolJobOutcome | Promise<never>): void {
    this.#ends.get(callId)?.(outcome);
  }

  async cancel(): Promise<void> {}

  async close(): Promise<void> {}
}

/**
 * The half of F21 that lies on this side of the port: what a job comes to. That a job whose worker dies is tried
 * again, or given up, is up to the queue behind the port, and tested with it.
 */
describe('F. Tools that run as jobs', () => {
  const lookUp = tool('look_up', () => 'not here', {
    where: 'runner',
    parameters: z.object({ at: z.string() }),
  });

  it('F21 answers each call with the outcome of its own job, whichever ends first, and once', async () => {
    const toolJobs = new HeldJobs();
    const call = await conversation({ tools: [lookUp], toolJobs });
    const calls = [
      { id: 'c1', name: 'look_up', args: { at: 'x' } },
      { id: 'c2', name: 'look_up', args: { at: 'y' } },
    ];
    call.model.send(toolCall(...calls), toolCall(...calls));
    await call.until('two jobs', () => toolJobs.submitted.length === 2);
    await call.sent();
    expect(toolJobs.submitted).toMatchObject([
      {
        jobId: 'live_session.c1',
        callId: 'c1',
        toolName: 'look_up',
        args: { at: 'x' },
        agentName: 'greeter',
      },
      {
        jobId: 'live_session.c2',
        callId: 'c2',
        toolName: 'look_up',
        args: { at: 'y' },
        agentName: 'greeter',
      },
    ]);
    toolJobs.end('c2', { ok: true, result: 'found' });
    toolJobs.end('c1', { ok: false, error: 'The worker died three times.' });
    await call.model.got({ toolResponse: {} });
    expect(await call.sent()).toEqual([
      answers(
        { id: 'c1', name: 'look_up', response: { error: 'The worker died three times.' } },
        { id: 'c2', name: 'look_up', response: { result: 'found' } },
      ),
    ]);
  });

  it('F21 answers with an error when jobs can not be had, and goes on', async () => {
    const toolJobs = new HeldJobs();
    const call = await conversation({ tools: [lookUp], toolJobs });
    call.model.send(toolCall({ id: 'c1', name: 'look_up', args: { at: 'x' } }));
    await call.until('the job', () => toolJobs.submitted.length === 1);
    const gone = new ParleyError('tool_backend_unavailable', 'The queue is down.');
    toolJobs.end('c1', Promise.reject(gone));
    expect(await call.model.received(1)).toEqual([
      answers({ id: 'c1', name: 'look_up', response: { error: 'The queue is down.' } }),
    ]);
    await goesOn(call);
  });
});

describe('F. Tools that a person has to agree to', () => {
  /** The model calls `pay`, which needs consent; resolves with what the client is asked, when nothing has run yet. */
  async function asked(model: string): Promise<{
    readonly call: Conversation;
    readonly runs: readonly string[];
    readonly decide: (response: Record<string, unknown>) => void;
  }> {
    const runs: string[] = [];
    const pay = tool('pay', (_args, { functionCallId }) => ({ paid: runs.push(functionCallId) }), {
      requireConfirmation: true,
    });
    const call = await conversation({ model, tools: [pay] });
    call.model.send(toolCall({ id: 'c1', name: 'pay' }));
    const question = await call.event({ actions: { requestedToolConfirmations: { c1: {} } } });
    const [request] = functionCallsOf(question);
    expect(request).toMatchObject({
      name: 'adk_request_confirmation',
      args: { originalFunctionCall: { id: 'c1', name: 'pay' }, toolConfirmation: { confirmed: false } },
    });
    const id = request?.id ?? '';
    expect(question.longRunningToolIds).toEqual([id]);
    const waiting = {
      id: 'c1',
      name: 'pay',
      response: { status: 'awaiting confirmation' },
      willContinue: true,
    };
    expect(await call.sent()).toEqual(model === MODELS.live38 ? [answers(waiting)] : []);
    expect(runs).toEqual([]);
    return {
      call,
      runs,
      decide: (response) =>
        call.queue.sendContent({
          parts: [{ functionResponse: { id, name: 'adk_request_confirmation', response } }],
        }),
    };
  }

  it.each([MODELS.live38, MODELS.flashLive31])(
    'F19 asks the client, and runs the tool of %s once it agrees',
    async (model) => {
      const { call, runs, decide } = await asked(model);
      decide({ confirmed: true });
      const paid = answers({ id: 'c1', name: 'pay', response: { paid: 1 } });
      await call.model.got(paid);
      decide({ confirmed: true });
      expect((await call.sent()).slice(-1)).toEqual([paid]);
      expect(runs).toEqual(['c1']);
      expect(JSON.stringify(call.model.messages)).not.toContain('adk_request_confirmation');
    },
  );

  it.each([MODELS.live38, MODELS.flashLive31])(
    'F19 answers with a rejection when the client does not agree, on %s',
    async (model) => {
      const { call, runs, decide } = await asked(model);
      decide({ confirmed: false });
      const rejected = answers({
        id: 'c1',
        name: 'pay',
        response: { error: 'This tool call is rejected.' },
      });
      await call.model.got(rejected);
      decide({ confirmed: true });
      expect((await call.sent()).slice(-1)).toEqual([rejected]);
      expect(runs).toEqual([]);
      expect(JSON.stringify(call.model.messages)).not.toContain('adk_request_confirmation');
    },
  );
});
