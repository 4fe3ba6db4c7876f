import { mediaOf, type Event } from '@parley/event';
import { ParleyError, silentLog } from '@parley/kernel';
import { settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LlmAgent } from '../agent/llm-agent.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { ScriptedLiveModel } from '../testing/scripted-live-model.js';
import type { BaseTool } from '../tool/base-tool.js';
import { FunctionTool } from '../tool/function-tool.js';
import { LiveRequestQueue } from './live-request-queue.js';
import { parseRunConfig } from './run-config.js';
import { Runner } from './runner.js';

const KEY = { tenantId: 't', appName: 'greeter', userId: 'u', sessionId: 's' };
const AUDIO = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(96) } };

function agentWith(tools: readonly BaseTool[] = []): LlmAgent {
  return new LlmAgent({
    name: 'greeter',
    description: 'Greets.',
    instruction: 'Be kind to {user:name?}.',
    tools,
  });
}

interface Run {
  readonly model: ScriptedLiveModel;
  readonly sessions: InMemorySessionService;
  readonly queue: LiveRequestQueue;
  readonly events: Event[];
  readonly done: Promise<void>;
  readonly abort: AbortController;
}

async function start(
  options: { tools?: readonly BaseTool[]; sessions?: InMemorySessionService; read?: boolean } = {},
): Promise<Run> {
  const model = new ScriptedLiveModel();
  const sessions = options.sessions ?? new InMemorySessionService();
  const queue = new LiveRequestQueue();
  const abort = new AbortController();
  const events: Event[] = [];
  const runner = new Runner({ agent: agentWith(options.tools), model, sessions, log: silentLog });
  const run = runner.runLive({
    key: KEY,
    liveId: 'live_1',
    queue,
    runConfig: parseRunConfig({}),
    signal: abort.signal,
  });
  const done = (async () => {
    for await (const event of run) events.push(event);
  })();
  done.catch(() => undefined);
  await settle();
  return { model, sessions, queue, events, done, abort };
}

async function stored(run: Run): Promise<readonly Event[]> {
  return (await run.sessions.getSession(KEY))?.events ?? [];
}

describe('Runner.runLive', () => {
  it('passes requests to the model in their order and unmerged (A1)', async () => {
    const run = await start();
    run.queue.sendContent({ parts: [{ text: 'one' }] });
    for (let i = 0; i < 3; i++)
      run.queue.sendRealtime({ mimeType: 'audio/pcm;rate=16000', data: new Uint8Array(2) });
    run.queue.sendContent({ parts: [{ text: 'two' }] });
    expect(run.model.connection.sent.map((sent) => sent.kind)).toEqual([
      'content',
      'realtime',
      'realtime',
      'realtime',
      'content',
    ]);
    run.queue.close();
    await run.done;
  });

  it('gives every event of a run one invocation and an id of its own (B1)', async () => {
    const run = await start();
    run.model.connection.say({ parts: [AUDIO], outputTranscription: { text: 'hi', finished: false } });
    run.model.connection.say({ turnComplete: true });
    run.queue.close();
    await run.done;
    expect(new Set(run.events.map((event) => event.invocationId)).size).toBe(1);
    expect(run.events[0]?.invocationId).toMatch(/^e-/);
    expect(new Set(run.events.map((event) => event.id)).size).toBe(run.events.length);
  });

  it('names the user as author of what was heard and the agent of what was said (B2)', async () => {
    const run = await start();
    run.model.connection.say({ inputTranscription: { text: 'hello', finished: true } });
    run.model.connection.say({ outputTranscription: { text: 'hi', finished: true } });
    run.queue.close();
    await run.done;
    expect(run.events.map((event) => event.author)).toEqual(['user', 'user', 'greeter', 'greeter']);
  });

  it('tells text as deltas, then merged, then the end of the turn (B3)', async () => {
    const run = await start();
    run.model.connection.say({ parts: [{ text: 'Hello' }] });
    run.model.connection.say({ parts: [{ text: ' world' }] });
    run.model.connection.say({ turnComplete: true });
    run.queue.close();
    await run.done;
    const told = run.events.map((event) => [
      event.content?.parts[0]?.text,
      event.partial,
      event.turnComplete,
    ]);
    expect(told).toEqual([
      ['Hello', true, undefined],
      [' world', true, undefined],
      ['Hello world', false, undefined],
      [undefined, undefined, true],
    ]);
  });

  it('keeps "interrupted" when text is pending (B13) and puts both flags on one event (B14)', async () => {
    const run = await start();
    run.model.connection.say({ parts: [{ text: 'Once upon' }] });
    run.model.connection.say({ interrupted: true, turnComplete: true });
    run.queue.close();
    await run.done;
    const last = run.events.at(-1);
    expect(last).toMatchObject({ interrupted: true, turnComplete: true });
    expect(run.events.filter((event) => event.interrupted || event.turnComplete)).toHaveLength(1);
  });

  it('discards audio that nobody has read yet when the model is interrupted (I10)', async () => {
    const run = await start();
    for (let i = 0; i < 50; i++) run.model.connection.say({ parts: [AUDIO] });
    run.model.connection.say({ interrupted: true });
    run.queue.close();
    await run.done;
    const at = run.events.findIndex((event) => event.interrupted);
    expect(run.events.slice(at).some((event) => mediaOf(event))).toBe(false);
    expect(run.events.filter((event) => mediaOf(event)).length).toBeLessThan(50);
  });

  it('stops the output at once when the client interrupts, and drops what the model still says (H8)', async () => {
    const run = await start();
    run.model.connection.say({ parts: [AUDIO] });
    await settle();
    run.queue.send({ kind: 'interrupt' });
    run.model.connection.say({ parts: [AUDIO] });
    run.model.connection.say({ interrupted: true });
    run.model.connection.say({ turnComplete: true });
    run.model.connection.say({ parts: [AUDIO] });
    await settle();
    run.queue.close();
    await run.done;
    const kinds = run.events.map((event) =>
      mediaOf(event) ? 'audio' : event.interrupted ? 'interrupted' : 'turnComplete',
    );
    expect(kinds).toEqual(['audio', 'interrupted', 'turnComplete', 'audio']);
    expect(run.model.connection.sent).toEqual([{ kind: 'interrupt' }]);
  });

  it('stores finished transcriptions, text of the user, calls and turn ends, but no deltas and no media (C1–C3)', async () => {
    const run = await start();
    run.queue.sendContent({ parts: [{ text: 'typed' }] });
    run.model.connection.say({ parts: [AUDIO], outputTranscription: { text: 'spoken', finished: false } });
    run.model.connection.say({ turnComplete: true });
    run.queue.close();
    await run.done;
    const kept = (await stored(run)).map(
      (event) =>
        event.content?.parts[0]?.text ?? event.outputTranscription?.text ?? (event.turnComplete && 'end'),
    );
    expect(kept).toEqual(['typed', 'spoken', 'end']);
  });

  it('tells the next run what was said before', async () => {
    const first = await start();
    first.model.connection.say({ inputTranscription: { text: 'my name is Alice', finished: true } });
    first.model.connection.say({ outputTranscription: { text: 'Hello Alice', finished: true } });
    first.queue.close();
    await first.done;
    const second = await start({ sessions: first.sessions });
    expect(second.model.configs[0]?.history?.()).toEqual([
      { role: 'user', parts: [{ text: 'my name is Alice' }] },
      { role: 'user', parts: [{ text: 'For context:\n[greeter] said: Hello Alice' }] },
    ]);
    second.queue.close();
    await second.done;
  });

  it('runs the calls of one message at the same time and answers them together, in order (F2)', async () => {
    const running: string[] = [];
    const gates = new Map<string, () => void>();
    const gated = (name: string): BaseTool =>
      new FunctionTool({
        name,
        description: name,
        execute: async () => {
          running.push(name);
          await new Promise<void>((resolve) => gates.set(name, resolve));
          return name;
        },
      });
    const run = await start({ tools: [gated('first'), gated('second')] });
    run.model.connection.say({
      toolCalls: [
        { id: '1', name: 'first', args: {} },
        { id: '2', name: 'second', args: {} },
      ],
    });
    await settle();
    expect(running).toEqual(['first', 'second']);
    gates.get('second')?.();
    await settle();
    expect(run.model.connection.sent).toEqual([]);
    gates.get('first')?.();
    await settle(50);
    expect(run.model.connection.sent).toEqual([
      {
        kind: 'toolResponse',
        responses: [
          { id: '1', name: 'first', response: { result: 'first' } },
          { id: '2', name: 'second', response: { result: 'second' } },
        ],
      },
    ]);
    run.queue.close();
    await run.done;
  });

  it('tells the model what went wrong with a tool, and goes on (F4, F5)', async () => {
    const broken = new FunctionTool({
      name: 'broken',
      description: 'Fails.',
      parameters: z.object({ n: z.number() }),
      execute: () => {
        throw new Error('no luck');
      },
    });
    const run = await start({ tools: [broken] });
    run.model.connection.say({
      toolCalls: [
        { id: '1', name: 'broken', args: { n: 1 } },
        { id: '2', name: 'broken', args: { n: 'x' } },
        { id: '3', name: 'missing', args: {} },
      ],
    });
    await settle(50);
    const [sent] = run.model.connection.sent;
    const errors =
      sent?.kind === 'toolResponse' ? sent.responses.map((response) => response.response['error']) : [];
    expect(errors).toEqual([
      'no luck',
      expect.stringContaining('n:'),
      'There is no tool "missing". Tools: broken.',
    ]);
    run.queue.close();
    await run.done;
  });

  it('takes back a cancelled call: its signal aborts and nothing is answered (F17, B15)', async () => {
    let aborted = false;
    const slow = new FunctionTool({
      name: 'slow',
      description: 'Waits.',
      execute: (_args, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve('late');
          });
        }),
    });
    const run = await start({ tools: [slow] });
    run.model.connection.say({ toolCalls: [{ id: '1', name: 'slow', args: {} }] });
    await settle();
    run.model.connection.say({ interrupted: true, cancelledToolCallIds: ['1'] });
    await settle(50);
    expect(aborted).toBe(true);
    expect(run.model.connection.sent).toEqual([]);
    expect(run.events.some((event) => event.cancelledToolCallIds?.includes('1'))).toBe(true);
    run.queue.close();
    await run.done;
  });

  it('stores what a tool put into the state with its response', async () => {
    const remember = new FunctionTool({
      name: 'remember',
      description: 'Remembers.',
      execute: (_args, { state }) => {
        state.set('user:name', 'Alice');
        return { ok: true };
      },
    });
    const run = await start({ tools: [remember] });
    run.model.connection.say({ toolCalls: [{ id: '1', name: 'remember', args: {} }] });
    await settle(50);
    run.queue.close();
    await run.done;
    expect((await run.sessions.getSession(KEY))?.state).toEqual({ 'user:name': 'Alice' });
    const next = await start({ sessions: run.sessions });
    expect(next.model.configs[0]?.systemInstruction).toContain('Be kind to Alice.');
    next.queue.close();
    await next.done;
  });

  it('ends with an error event when the provider closes the connection', async () => {
    const run = await start();
    run.model.connection.end({
      kind: 'retryable',
      errorCode: 'provider_unavailable',
      closeCode: 1011,
      reason: 'service unavailable',
    });
    await run.done;
    expect(run.events).toMatchObject([
      { errorCode: 'provider_unavailable', errorMessage: 'service unavailable' },
    ]);
  });

  it('ends when it is aborted, without another message of the model (E17)', async () => {
    const run = await start();
    run.abort.abort();
    await run.done;
    expect(run.model.connection.closed).toBe(true);
  });

  it('refuses a queue that has served a run (A17) and sends after close (A11)', async () => {
    const run = await start();
    run.queue.close();
    await run.done;
    expect(() => run.queue.sendActivityStart()).toThrow(ParleyError);
    expect(() => run.queue.attachRun({ admit: () => true, onClosed: () => undefined })).toThrow(
      'one run only',
    );
  });

  it('fails when the connection can not be opened', async () => {
    const model = new ScriptedLiveModel();
    model.refuseWith = new ParleyError('provider_config', 'no such model');
    const runner = new Runner({
      agent: agentWith(),
      model,
      sessions: new InMemorySessionService(),
      log: silentLog,
    });
    const queue = new LiveRequestQueue();
    const run = runner.runLive({ key: KEY, liveId: 'live_1', queue, runConfig: parseRunConfig({}) });
    const told = await run.next();
    expect(told.value).toMatchObject({ errorCode: 'provider_config', errorDetails: { scope: 'session' } });
    await expect(run.next()).rejects.toThrow('no such model');
  });
});
