import type { Event } from '@parley/event';
import { ManualClock, settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import { LiveScene } from '../testing/live-scene.js';

const AUDIO = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(96) } };
const refusal = { content: { role: 'model' as const, parts: [{ text: 'Not that.' }] } };

const agentWith = (config: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name: 'guard', instruction: 'Be good.', ...config });

const kinds = (events: readonly Event[]): string[] =>
  events.map((event) =>
    event.interrupted
      ? 'interrupted'
      : event.liveSessionRestarted
        ? 'restarted'
        : event.turnComplete
          ? 'turnComplete'
          : event.inputTranscription
            ? `heard ${event.partial ? 'part' : 'whole'}`
            : event.outputTranscription
              ? 'said'
              : event.content
                ? 'content'
                : 'other',
  );

describe('callbacks around a run', () => {
  it('beforeRun may answer in place of the run: one event, no connection (I1)', async () => {
    const closed = { name: 'closed', beforeRunCallback: () => ({ parts: [{ text: 'We are closed.' }] }) };
    const scene = new LiveScene({ agent: agentWith(), plugins: [closed] });
    await scene.done;
    expect(scene.events).toMatchObject([
      { author: 'model', content: { parts: [{ text: 'We are closed.' }] } },
    ]);
    expect(scene.model.connections).toHaveLength(0);
  });

  it.each(['normal', 'error', 'abort'])('afterRun is called once when a run ends (%s) (I6)', async (how) => {
    const ends: (Error | undefined)[] = [];
    const plugin = {
      name: 'counter',
      afterRunCallback: ({ error }: { error?: Error }) => void ends.push(error),
    };
    const scene = new LiveScene({ agent: agentWith(), plugins: [plugin] });
    if (how === 'error') scene.model.refuseWith = new Error('no');
    await settle();
    if (how === 'abort') scene.abort.abort();
    if (how === 'normal') scene.queue.close();
    await scene.done;
    expect(ends).toHaveLength(1);
    expect(ends[0] !== undefined).toBe(how === 'error');
  });

  it('an event that a plugin replaces is stored as it is told, under its own id and time (I5)', async () => {
    const plugin = {
      name: 'censor',
      onEventCallback: ({ event }: { event: Event }) =>
        event.outputTranscription
          ? { ...event, id: 'x', timestamp: 1, outputTranscription: { text: '***', finished: true } }
          : undefined,
    };
    const scene = await LiveScene.start({ agent: agentWith(), plugins: [plugin] });
    scene.model.connection.say({ outputTranscription: { text: 'secret', finished: true } });
    await until('an event', () => scene.events.length > 1);
    await scene.end();
    const told = scene.events.find((event) => event.partial === false);
    const stored = (await scene.stored()).find((event) => event.outputTranscription);
    expect(told?.outputTranscription?.text).toBe('***');
    expect(told?.id).not.toBe('x');
    expect(told?.timestamp).not.toBe(1);
    expect(stored).toEqual(told);
  });

  it('beforeAgent may answer in place of the agent, and afterAgent speaks last', async () => {
    const scene = new LiveScene({
      agent: agentWith({
        beforeAgentCallback: () => ({ parts: [{ text: 'before' }] }),
        afterAgentCallback: (context) => {
          context.state.set('left', true);
          return { parts: [{ text: 'after' }] };
        },
      }),
    });
    await scene.done;
    expect(scene.events.map((event) => event.content?.parts[0]?.text)).toEqual(['before', 'after']);
    expect(scene.model.connections).toHaveLength(0);
    expect(
      (await scene.sessions.getSession({ tenantId: 't', appName: 'app', userId: 'u', sessionId: 's' }))
        ?.state,
    ).toEqual({
      left: true,
    });
  });
});

describe('guardrails', () => {
  it('keep a typed message from the model, and say so (I2)', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: ({ request }) =>
          JSON.stringify(request.contents).includes('bad') ? refusal : undefined,
      }),
    });
    scene.queue.sendContent({ parts: [{ text: 'bad' }] });
    scene.queue.sendContent({ parts: [{ text: 'good' }] });
    await until('the good one', () => scene.model.connection.sent.length > 0);
    expect(scene.model.connection.sent).toMatchObject([{ content: { parts: [{ text: 'good' }] } }]);
    expect(scene.events).toMatchObject([{ author: 'guard', turnComplete: true, content: refusal.content }]);
    await scene.end();
    expect((await scene.stored()).filter((event) => event.author === 'user')).toHaveLength(2);
  });

  it('do not lose a typed message when the queue is closed behind it', async () => {
    let decide: () => void = () => undefined;
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: () => new Promise<undefined>((resolve) => (decide = () => resolve(undefined))),
      }),
    });
    scene.queue.sendContent({ parts: [{ text: 'last words' }] });
    scene.queue.close();
    await settle();
    decide();
    await scene.done;
    expect(scene.model.connection.sent).toHaveLength(1);
  });

  it('hold the answer to spoken words back; a refusal throws the session away (I3)', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({ beforeModelCallback: () => refusal }),
    });
    const first = scene.model.connection;
    first.say({ inputTranscription: { text: 'bad ', finished: false } });
    first.say({ inputTranscription: { text: 'words', finished: false } });
    first.say({ parts: [AUDIO], outputTranscription: { text: 'Sure', finished: false } });
    first.say({ turnComplete: true });
    await until('a new session', () => scene.model.connections.length === 2);
    await settle();
    expect(kinds(scene.events)).toEqual([
      'heard part',
      'heard part',
      'heard whole',
      'turnComplete',
      'restarted',
    ]);
    expect(scene.events[2]?.inputTranscription?.text).toBe('bad words');
    expect(scene.model.configs[1]?.sessionResumption?.handle).toBeUndefined();
    expect(first.closed).toBe(true);
    await scene.end();
  });

  it('let through what is fine, in its order', async () => {
    const scene = await LiveScene.start({ agent: agentWith({ beforeModelCallback: async () => undefined }) });
    scene.model.connection.say({ inputTranscription: { text: 'hello', finished: true } });
    scene.model.connection.say({ outputTranscription: { text: 'Hi', finished: true } });
    scene.model.connection.say({ turnComplete: true });
    await until('the turn to end', () => scene.events.some((event) => event.turnComplete));
    expect(kinds(scene.events)).toEqual(['heard part', 'heard whole', 'said', 'said', 'turnComplete']);
    await scene.end();
  });

  it('stop the model in the middle of what it must not say (I4)', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        afterModelCallback: ({ response }) =>
          JSON.stringify(response.content).includes('the code is') ? refusal : undefined,
      }),
    });
    scene.model.connection.say({ outputTranscription: { text: 'Well, the ', finished: false } });
    scene.model.connection.say({ outputTranscription: { text: 'code is 12', finished: false } });
    await until('a new session', () => scene.model.connections.length === 2);
    await settle();
    expect(kinds(scene.events).slice(0, 5)).toEqual([
      'said',
      'said',
      'interrupted',
      'turnComplete',
      'restarted',
    ]);
    await scene.end();
  });

  it('block when they fail', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: () => {
          throw new Error('broken');
        },
      }),
    });
    scene.queue.sendContent({ parts: [{ text: 'hello' }] });
    await until('the refusal', () => scene.events.length > 0);
    expect(scene.events).toMatchObject([{ errorCode: 'internal', turnComplete: true }]);
    expect(scene.model.connection.sent).toEqual([]);
    await scene.end();
  });
});

describe('what a guardrail refused', () => {
  it('is not told to a later session of the model', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: ({ request }) =>
          JSON.stringify(request.contents).includes('bad') ? refusal : undefined,
      }),
    });
    scene.queue.sendContent({ parts: [{ text: 'bad typed' }] });
    scene.queue.sendContent({ parts: [{ text: 'fine' }] });
    await until('the fine one', () => scene.model.connection.sent.length > 0);
    scene.model.connection.say({ outputTranscription: { text: 'Yes', finished: true }, turnComplete: true });
    await settle();
    scene.model.connection.say({ inputTranscription: { text: 'bad spoken', finished: true } });
    await until('a new session', () => scene.model.connections.length === 2);
    await settle();
    const seed = JSON.stringify(scene.model.configs[1]?.history?.());
    expect(seed).toContain('fine');
    expect(seed).not.toContain('bad');
    await scene.end();
    const next = await LiveScene.start({ agent: agentWith(), sessions: scene.sessions });
    expect(JSON.stringify(next.model.configs[0]?.history?.())).not.toContain('bad');
    await next.end();
  });

  it('is looked at whole when it comes in parts', async () => {
    const seen: string[] = [];
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: ({ request }) => void seen.push(JSON.stringify(request.contents[0]?.parts)),
      }),
    });
    scene.queue.sendContent({ parts: [{ text: 'one ' }] }, { partial: true });
    scene.queue.sendContent({ parts: [{ text: 'two' }] });
    await until('the message', () => scene.model.connection.sent.length > 0);
    expect(seen).toEqual(['[{"text":"one "},{"text":"two"}]']);
    expect(scene.model.connection.sent).toHaveLength(1);
    await scene.end();
  });

  it('stays refused when the agent hands over meanwhile: the next agent looks at it anew', async () => {
    let asked = 0;
    const guarded = (name: string, subAgents: LlmAgent[] = []): LlmAgent =>
      new LlmAgent({
        name,
        instruction: 'Be good.',
        subAgents,
        beforeModelCallback: () => {
          asked += 1;
          return name === 'first' ? new Promise<undefined>(() => undefined) : undefined;
        },
      });
    const scene = await LiveScene.start({ agent: guarded('first', [guarded('second')]) });
    scene.queue.sendContent({ parts: [{ text: 'hello' }] });
    scene.queue.sendContent({ parts: [{ text: 'again' }] });
    await settle();
    scene.model.connection.say({
      toolCalls: [{ id: 't', name: 'transfer_to_agent', args: { agentName: 'second' } }],
    });
    await until('both messages', () => {
      const { sent } = scene.model.connection;
      return scene.model.connections.length === 2 && JSON.stringify(sent).includes('again');
    });
    expect(asked).toBe(3);
    const told = scene.model.connection.sent.flatMap((sent) =>
      sent.kind === 'content' ? (sent.content.parts[0]?.text ?? '') : [],
    );
    expect(told.slice(-2)).toEqual(['hello', 'again']);
    await scene.end();
    const typed = (await scene.stored()).filter((event) => event.author === 'user' && event.content);
    expect(typed).toHaveLength(2);
  });
});

describe('caps of a run (D12)', () => {
  it('end it after so many turns, tokens or milliseconds, and say which', async () => {
    const turns = await LiveScene.start({ agent: agentWith(), runConfig: { maxTurns: 1 } });
    turns.model.connection.say({ outputTranscription: { text: 'Hi', finished: true }, turnComplete: true });
    await turns.done;
    expect(turns.events.at(-1)).toMatchObject({ errorCode: 'max_turns', errorDetails: { scope: 'session' } });

    const tokens = await LiveScene.start({ agent: agentWith(), runConfig: { maxTokens: 10 } });
    tokens.model.connection.say({ usageMetadata: { totalTokenCount: 10 } });
    await tokens.done;
    expect(tokens.events.at(-1)?.errorCode).toBe('budget_spent');

    const clock = new ManualClock();
    const idle = await LiveScene.start({ agent: agentWith(), clock, runConfig: { idleTimeoutMs: 1_000 } });
    await clock.advance(900);
    idle.model.connection.say({ inputTranscription: { text: 'hm', finished: false } });
    await clock.advance(900);
    expect(idle.events.some((event) => event.errorCode)).toBe(false);
    await clock.advance(200);
    await idle.done;
    expect(idle.events.at(-1)?.errorCode).toBe('idle_timeout');
  });
});
