import { functionResponsesOf, NO_ACTIONS, type Event } from '@parley/event';
import { ManualClock, settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import { InMemorySessionService } from '../session/in-memory-session-service.js';
import { LiveScene, SCENE_KEY, type LiveSceneOptions } from '../testing/live-scene.js';
import { ScriptedLiveModel, type SentToModel } from '../testing/scripted-live-model.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { RunConfigInput } from './run-config.js';
import type { Continuation } from './runner-options.js';

const seal = {
  seal: (handle: string) => `sealed ${handle}`,
  open: (token: string) => /^sealed (.*)$/.exec(token)?.[1],
};
const START: Continuation = { seq: 40, turn: 3, turnOpen: false, speechFollows: false };

const agentWith = (config: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name: 'desk', instruction: 'Help.', ...config });

let ids = 0;
const event = (draft: Partial<Event>): Event => ({
  id: `old_${(ids += 1)}`,
  invocationId: 'e-1',
  author: 'desk',
  timestamp: 1_000,
  actions: NO_ACTIONS,
  ...draft,
});
const typed = (text: string): Event =>
  event({ author: 'user', content: { role: 'user', parts: [{ text }] } });
const spoken = (text: string): Event =>
  event({ author: 'user', inputTranscription: { text, finished: true }, partial: false });
const said = (text: string): Event =>
  event({ outputTranscription: { text, finished: true }, partial: false });
const called = (id: string, name = 'look'): Event =>
  event({ content: { role: 'model', parts: [{ functionCall: { id, name, args: {} } }] } });
const answered = (id: string, rest: object = {}): Event =>
  event({
    content: { role: 'user', parts: [{ functionResponse: { id, name: 'look', response: {}, ...rest } }] },
  });
const handle = (name: string, author = 'desk'): Event =>
  event({ author, liveSessionResumptionUpdate: { newHandle: `sealed ${name}`, resumable: true } });
const over = (): Event => event({ turnComplete: true });
const EXCHANGE = [typed('My name is Ada.'), said('Hello Ada.'), over()];

interface GoOn extends Partial<LiveSceneOptions> {
  readonly stored?: readonly Event[];
  readonly continuation?: Partial<Continuation>;
  readonly handle?: string;
  readonly takesHandles?: boolean;
}

/** A run that goes on in a process which has only what is stored. */
async function goOn({ stored = [], continuation = {}, handle: given, takesHandles, ...rest }: GoOn = {}) {
  const sessions = new InMemorySessionService();
  await sessions.createSession(SCENE_KEY);
  for (const each of stored) await sessions.appendEvent(SCENE_KEY, each);
  const model = new ScriptedLiveModel();
  model.takesHandles = takesHandles ?? true;
  const runConfig: RunConfigInput = given === undefined ? {} : { sessionResumption: { handle: given } };
  const scene = await LiveScene.start({
    agent: agentWith(),
    sessions,
    model,
    ...rest,
    runConfig: { ...runConfig, ...rest.runConfig },
    runner: { seal, ...rest.runner },
    request: { continuation: { ...START, ...continuation }, ...rest.request },
  });
  await settle(100);
  return scene;
}

const openingOf = (scene: LiveScene): readonly string[] => textsIn(scene.model.connection.sent);

function textsIn(sent: readonly SentToModel[]): readonly string[] {
  return sent.flatMap((each) =>
    each.kind === 'content' ? each.content.parts.map(({ text = '' }) => text) : [],
  );
}

function historyOf(scene: LiveScene): string {
  return JSON.stringify(scene.model.configs[0]?.history?.() ?? []);
}

describe('a run that goes on in another process', () => {
  it('numbers its events on, in the same invocation', async () => {
    const scene = await goOn({ continuation: { turnOpen: true } });
    scene.model.connection.say({ turnComplete: true });
    await scene.end();
    expect(scene.events.map(({ seq, invocationId }) => [seq, invocationId])).toEqual([
      [41, 'e-1'],
      [42, 'e-1'],
    ]);
  });

  it('tells an open turn to be interrupted, and nothing where none was open', async () => {
    const open = await goOn({ stored: [typed('Tell me a story.')], continuation: { turnOpen: true } });
    expect(open.events).toMatchObject([{ author: 'desk', interrupted: true }]);
    expect(await open.stored()).toMatchObject([{}, { author: 'desk', interrupted: true }]);
    await open.end();
    const closed = await goOn({ stored: EXCHANGE });
    expect(closed.events).toEqual([]);
    await closed.end();
  });

  it('answers what was typed and said without an answer, once, and nothing else', async () => {
    const stored = [...EXCHANGE, typed('What is my name?'), spoken('Tell me.')];
    const scene = await goOn({ stored, continuation: { turnOpen: true } });
    expect(openingOf(scene)).toEqual(['What is my name?\nTell me.']);
    const history = historyOf(scene);
    expect(history).toContain('My name is Ada.');
    expect(history).not.toContain('What is my name?');
    expect(history).not.toContain('Tell me.');
    await scene.end();
    expect(await scene.stored()).toHaveLength(stored.length + 1);
  });

  it('leaves to the model’s ears what the user will be heard to say again', async () => {
    const stored = [...EXCHANGE, typed('One thing.'), spoken('What is my name?')];
    const scene = await goOn({ stored, continuation: { speechFollows: true } });
    expect(openingOf(scene)).toEqual(['One thing.']);
    expect(historyOf(scene)).not.toContain('What is my name?');
    await scene.end();
  });

  it('says nothing when everything was answered, or belongs to an earlier run', async () => {
    const earlier = { ...typed('Never answered.'), invocationId: 'e-0' };
    const scene = await goOn({ stored: [earlier, ...EXCHANGE] });
    expect(openingOf(scene)).toEqual([]);
    expect(historyOf(scene)).toContain('Never answered.');
    await scene.end();
  });

  it('asks again what was asked before two losses in a row', async () => {
    const stored = [...EXCHANGE, typed('What is my name?'), event({ interrupted: true })];
    const scene = await goOn({ stored });
    expect(openingOf(scene)).toEqual(['What is my name?']);
    await scene.end();
  });
});

describe('the calls of tools that were lost', () => {
  const CALLS = [typed('Look.'), called('c1'), called('c2'), answered('c1'), called('c3'), answered('c3')];

  it('get one answer each, before the model is connected; no other call does', async () => {
    const cancelled: string[] = [];
    const toolJobs: ToolJobs = {
      run: () => Promise.reject(new Error('not here')),
      cancel: async (jobId) => void cancelled.push(jobId),
      close: () => Promise.resolve(),
    };
    const stored = [...CALLS, called('c4'), event({ cancelledToolCallIds: ['c4'] })];
    const scene = await goOn({ stored, runner: { toolJobs } });
    const responses = scene.events.flatMap(functionResponsesOf);
    expect(responses).toMatchObject([{ id: 'c2', name: 'look' }]);
    expect(Object.keys(responses[0]?.response ?? {})).toEqual(['error']);
    expect(scene.events[0]).toMatchObject({ author: 'desk', content: { role: 'user' } });
    expect(cancelled).toEqual(['live_1.c2']);
    expect(historyOf(scene)).toContain('outcome is not known');
    expect(scene.model.connection.sent.map(({ kind }) => kind)).toEqual(['content']);
    await scene.end();
  });

  it('are not answered again by the next process', async () => {
    const first = await goOn({ stored: CALLS });
    await first.end();
    const next = await goOn({ stored: await first.stored() });
    expect(next.events).toEqual([]);
    await next.end();
  });

  it('are answered at a model that waits for them, instead of the question that they were for', async () => {
    const stored = [
      typed('Look.'),
      called('c1'),
      event({ liveSessionResumptionUpdate: { newHandle: 'sealed h' } }),
    ];
    const asked = [...stored, typed('And hurry.')];
    const scene = await goOn({ stored: asked, handle: 'sealed h' });
    expect(scene.model.connection.sent).toMatchObject([
      { kind: 'toolResponse', responses: [{ id: 'c1', name: 'look' }] },
      { kind: 'content', content: { parts: [{ text: 'And hurry.' }] } },
    ]);
    await scene.end();
  });

  const PROMISED = [typed('Look.'), called('c1'), said('Let me see.'), over()];

  it('are asked for again where the model had only said that it would look', async () => {
    const scene = await goOn({ stored: [...EXCHANGE, ...PROMISED] });
    expect(openingOf(scene)).toEqual(['Look.']);
    await scene.end();
    const again = await goOn({ stored: await scene.stored() });
    expect(openingOf(again)).toEqual(['Look.']);
    await again.end();
    const answeredSince = await goOn({
      stored: [...(await again.stored()), said('I can not tell.'), over()],
    });
    expect(openingOf(answeredSince)).toEqual([]);
    await answeredSince.end();
  });

  it('are gone on from where nobody had asked for anything', async () => {
    const scene = await goOn({ stored: [...EXCHANGE, called('c1')] });
    expect(openingOf(scene).join()).toContain('Go on.');
    await scene.end();
  });

  it('are deaf to an answer that the app gives later, which is acknowledged', async () => {
    const scene = await goOn({ stored: [typed('Look.'), called('c1')] });
    const functionResponse = { id: 'c1', name: 'look', response: { found: 1 } };
    scene.queue.sendContent({ parts: [{ functionResponse }] }, { requestId: 'late' });
    await settle(100);
    expect(scene.model.connection.sent.map(({ kind }) => kind)).toEqual(['content']);
    expect(scene.acks).toEqual(['late']);
    await scene.end();
  });

  it('that streamed are over only with their last part', async () => {
    const stored = [called('c1'), answered('c1', { willContinue: true })];
    const scene = await goOn({ stored });
    expect(scene.events.flatMap(functionResponsesOf).map(({ id }) => id)).toEqual(['c1']);
    await scene.end();
  });
});

describe('the handle of a run that goes on', () => {
  const usedIn = (scene: LiveScene): string | undefined => scene.model.configs[0]?.sessionResumption?.handle;
  const modeOf = (scene: LiveScene): unknown => scene.facts.find((fact) => fact.kind === 'connected')?.mode;

  it('is used when the model has said nothing since; what was asked since is asked again', async () => {
    const scene = await goOn({
      stored: [...EXCHANGE, handle('h1'), typed('What is my name?')],
      handle: 'sealed h1',
    });
    expect([usedIn(scene), modeOf(scene)]).toEqual(['h1', 'handle']);
    expect(openingOf(scene)).toEqual(['What is my name?']);
    await scene.end();
  });

  it('is the newest that is stored', async () => {
    const scene = await goOn({ stored: [handle('h1'), ...EXCHANGE, handle('h2')], handle: 'sealed h1' });
    expect(usedIn(scene)).toBe('h2');
    await scene.end();
  });

  it('is given up, and not the call, when it can not be opened any more', async () => {
    const scene = await goOn({ stored: EXCHANGE, handle: 'of another key' });
    expect([usedIn(scene), modeOf(scene)]).toEqual([undefined, 'fresh']);
    await scene.end();
  });

  it('is used when it is newer than all that is stored', async () => {
    const scene = await goOn({ stored: EXCHANGE, handle: 'sealed h9' });
    expect(usedIn(scene)).toBe('h9');
    await scene.end();
  });

  it.each<[string, readonly Event[]]>([
    ['the model has spoken', [...EXCHANGE]],
    ['the model has called a tool', [typed('Look.'), called('c1')]],
    [
      'the model’s session has begun anew',
      [event({ liveSessionRestarted: { reason: 'guardrail', seededWith: 'history' } })],
    ],
    ['a guardrail has refused something', [event({ blocked: { eventIds: [] }, turnComplete: true })]],
  ])('is not used when %s since', async (_what, since) => {
    const scene = await goOn({ stored: [handle('h1'), ...since], handle: 'sealed h1' });
    expect(usedIn(scene)).toBeUndefined();
    await scene.end();
  });

  it('is not used by another agent', async () => {
    const agent = agentWith({ subAgents: [agentWith({ name: 'billing' })] });
    const stored = [
      handle('h1'),
      { ...said('Billing here.'), author: 'billing' },
      { ...over(), author: 'billing' },
    ];
    const known = await goOn({ agent, stored, handle: 'sealed h1' });
    const told = await goOn({
      agent,
      stored: stored.slice(1),
      handle: 'sealed h1',
      continuation: { handleAgent: 'desk' },
    });
    expect([known, told].map(usedIn)).toEqual([undefined, undefined]);
    await Promise.all([known.end(), told.end()]);
  });
});

describe('who goes on', () => {
  const billing = (): LlmAgent => agentWith({ name: 'billing' });
  const transferred = event({
    content: {
      role: 'user',
      parts: [{ functionResponse: { id: 'c1', name: 'transfer_to_agent', response: {} } }],
    },
    actions: { ...NO_ACTIONS, transferToAgent: 'billing' },
  });

  it('is who was handed the conversation, and answers what was asked', async () => {
    const agent = agentWith({ subAgents: [billing()] });
    const stored = [typed('My bill is wrong.'), called('c1', 'transfer_to_agent'), transferred, over()];
    const scene = await goOn({ agent, stored });
    expect(scene.model.configs[0]?.systemInstruction).toContain('billing');
    expect(openingOf(scene)).toEqual(['My bill is wrong.']);
    scene.model.connection.say({ outputTranscription: { text: 'Billing.', finished: true } });
    await scene.end();
    expect(scene.events.at(-1)?.author).toBe('billing');
  });
});

describe('the bounds of a run that goes on', () => {
  it('count from when it began', async () => {
    const clock = new ManualClock();
    const startedAtMs = clock.nowMs() - 50_000;
    const scene = await goOn({ clock, continuation: { startedAtMs }, runConfig: { maxDurationMs: 60_000 } });
    await clock.advance(9_000);
    expect(scene.events).toEqual([]);
    await clock.advance(2_000);
    await until('the end', () => scene.events.length > 0);
    expect(scene.events[0]?.errorCode).toBe('max_duration');
    await scene.done;
  });

  it('let it know of earlier runs what it was to know, and of itself everything', async () => {
    const earlier = EXCHANGE.map((each) => ({ ...each, id: `${each.id}_0`, invocationId: 'e-0' }));
    const stored = [...earlier, typed('I am in Rome.'), said('Nice.'), over()];
    const scene = await goOn({ stored, runConfig: { getSessionConfig: { numRecentEvents: 0 } } });
    expect(historyOf(scene)).toContain('I am in Rome.');
    expect(historyOf(scene)).not.toContain('Ada');
    await scene.end();
  });
});

describe('a run that is left to another process', () => {
  it('stores what it has, closes the model’s connection, and tells nothing more', async () => {
    let goodbyes = 0;
    const scene = await LiveScene.start({
      agent: agentWith({ afterAgentCallback: () => ({ parts: [{ text: `bye ${(goodbyes += 1)}` }] }) }),
    });
    scene.queue.sendContent({ parts: [{ text: 'Tell me a story.' }] });
    scene.model.connection.say({ outputTranscription: { text: 'Once upon', finished: false } });
    await until('a word', () => scene.events.length > 0);
    const told = scene.events.length;
    scene.abort.abort('moved');
    expect(await scene.done).toBeUndefined();
    expect(scene.model.connection.closed).toBe(true);
    expect(scene.events).toHaveLength(told);
    expect(goodbyes).toBe(0);
    expect(await scene.stored()).toMatchObject([{}, { outputTranscription: { text: 'Once upon' } }]);
  });
});

describe('the facts about handles', () => {
  it('name the sealed one as the event does, and say when it must not be used any more', async () => {
    const agent = agentWith({ subAgents: [agentWith({ name: 'billing' })] });
    const scene = await LiveScene.start({ agent, runner: { seal } });
    const { connection } = scene.model;
    connection.say({ sessionResumptionUpdate: { newHandle: 'h1', resumable: true } });
    connection.say({ restarted: { seededWith: 'history' } });
    connection.say({ sessionResumptionUpdate: { newHandle: 'h2', resumable: true } });
    connection.say({ toolCalls: [{ id: 'c', name: 'transfer_to_agent', args: { agentName: 'billing' } }] });
    await until('the next agent', () => scene.model.connections.length === 2);
    await scene.end();
    const about = scene.facts.filter(({ kind }) => kind === 'handle' || kind === 'handleVoid');
    expect(about).toEqual([
      { kind: 'handle', agentName: 'desk', handle: 'h1', sealed: 'sealed h1' },
      { kind: 'handleVoid', agentName: 'desk' },
      { kind: 'handle', agentName: 'desk', handle: 'h2', sealed: 'sealed h2' },
      { kind: 'handleVoid', agentName: 'desk' },
    ]);
    const told = scene.events.flatMap((each) => each.liveSessionResumptionUpdate?.newHandle ?? []);
    expect(told).toEqual(['sealed h1', 'sealed h2']);
  });
});
