import { mediaOf, type Event } from '@parley/event';
import { settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { LlmAgent, type LlmAgentConfig } from '../agent/llm-agent.js';
import { LiveScene } from '../testing/live-scene.js';
import type { LlmResponse } from '../model/llm.js';

const AUDIO = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(96) } };
const REFUSAL = { content: { role: 'model' as const, parts: [{ text: 'Not that.' }] } };

const agentWith = (config: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name: 'guard', instruction: 'Be good.', ...config });

/** A guardrail that says what the test says, when it says it. */
function gate(): {
  readonly asked: string[];
  readonly callback: (text: string) => Promise<LlmResponse | undefined>;
  answer(verdict?: LlmResponse): Promise<void>;
} {
  const asked: string[] = [];
  const open: ((verdict: LlmResponse | undefined) => void)[] = [];
  return {
    asked,
    callback: (text) => {
      asked.push(text);
      return new Promise((resolve) => open.push(resolve));
    },
    async answer(verdict) {
      await until('a question', () => open.length > 0);
      open.shift()?.(verdict);
      await settle(50);
    },
  };
}

const typed = (text: string) => ({ parts: [{ text }] });
const texts = (events: readonly Event[]): (string | undefined)[] =>
  events.map(
    (event) =>
      event.inputTranscription?.text ?? event.outputTranscription?.text ?? event.content?.parts[0]?.text,
  );

describe('while a guardrail looks at spoken words', () => {
  const screened = (): { agent: LlmAgent; look: ReturnType<typeof gate> } => {
    const look = gate();
    return {
      look,
      agent: agentWith({
        beforeModelCallback: ({ request }) => look.callback(request.contents[0]?.parts[0]?.text ?? ''),
      }),
    };
  };

  it("the client's own interrupt takes the held answer with it (I10)", async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    const { connection } = scene.model;
    connection.say({ inputTranscription: { text: 'hello', finished: true } });
    connection.say({ parts: [AUDIO], outputTranscription: { text: 'Hi', finished: false } });
    scene.queue.send({ kind: 'interrupt' });
    await look.answer();
    connection.say({ turnComplete: true });
    await settle(50);
    const at = scene.events.findIndex((event) => event.interrupted);
    expect(at).toBeGreaterThan(0);
    expect(scene.events.slice(at).some((event) => mediaOf(event) ?? event.outputTranscription)).toBe(false);
    await scene.end();
  });

  it('an interruption keeps the calls that wait with the answer (I5)', async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    scene.model.connection.say({ inputTranscription: { text: 'hello', finished: true } });
    scene.model.connection.say({ parts: [AUDIO], toolCalls: [{ id: 'c', name: 'missing', args: {} }] });
    scene.model.connection.say({ interrupted: true });
    await look.answer();
    await until('an answer', () => scene.model.connection.sent.length > 0);
    expect(scene.model.connection.sent).toMatchObject([{ kind: 'toolResponse', responses: [{ id: 'c' }] }]);
    await scene.end();
  });

  it.each(['refuses', 'is not done when the user hangs up'])(
    'what the user goes on to say is kept when it %s',
    async (how) => {
      const { agent, look } = screened();
      const scene = await LiveScene.start({ agent });
      scene.model.connection.say({ inputTranscription: { text: 'one', finished: true } });
      scene.model.connection.say({ inputTranscription: { text: 'two', finished: false } });
      if (how === 'refuses') await look.answer(REFUSAL);
      else scene.abort.abort();
      await settle(50);
      await scene.end();
      expect(texts((await scene.stored()).filter((event) => event.inputTranscription))).toEqual([
        'one',
        'two',
      ]);
    },
  );

  it('what the provider counts is counted, whatever the verdict (I8)', async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    scene.model.connection.say({ inputTranscription: { text: 'bad', finished: true } });
    scene.model.connection.say({ parts: [AUDIO], usageMetadata: { totalTokenCount: 7 } });
    await look.answer(REFUSAL);
    await scene.end();
    expect(scene.facts.filter((fact) => fact.kind === 'usage')).toHaveLength(1);
  });
});

describe('a guardrail on what the model says', () => {
  const screened = (): { agent: LlmAgent; look: ReturnType<typeof gate> } => {
    const look = gate();
    return {
      look,
      agent: agentWith({
        afterModelCallback: ({ response }) => look.callback(response.content?.parts[0]?.text ?? ''),
      }),
    };
  };

  it('sees the end of a turn that was over before its first look', async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    scene.model.connection.say({ outputTranscription: { text: 'The code ', finished: false } });
    scene.model.connection.say({ outputTranscription: { text: 'is 12', finished: false } });
    scene.model.connection.say({ turnComplete: true });
    await look.answer();
    expect(look.asked).toEqual(['The code ', 'The code is 12']);
    await look.answer();
    await scene.end();
  });

  it('takes back audio that has not been played, also when the turn is over', async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    scene.model.connection.say({ parts: [AUDIO], outputTranscription: { text: 'bad', finished: true } });
    scene.model.connection.say({ turnComplete: true });
    await look.answer(REFUSAL);
    await until('a new session', () => scene.model.connections.length === 2);
    const flags = scene.events.map((event) => (event.interrupted ? 'interrupted' : texts([event])[0]));
    expect(flags.indexOf('interrupted')).toBeGreaterThan(-1);
    expect(flags.indexOf('interrupted')).toBeLessThan(flags.indexOf('Not that.'));
    await scene.end();
  });

  it('does not lose what the user had said when it refuses the answer', async () => {
    const { agent, look } = screened();
    const scene = await LiveScene.start({ agent });
    scene.model.connection.say({ inputTranscription: { text: 'tell me', finished: false } });
    scene.model.connection.say({ outputTranscription: { text: 'bad', finished: false } });
    await look.answer(REFUSAL);
    await until('a new session', () => scene.model.connections.length === 2);
    expect(JSON.stringify(scene.model.configs[1]?.history?.())).toContain('tell me');
    await scene.end();
    expect(texts(await scene.stored())).toContain('tell me');
  });
});

describe('while a guardrail looks at a typed message', () => {
  it('a hand-over loses neither it nor what waits behind it', async () => {
    const look = gate();
    const next = agentWith({ name: 'next' });
    const scene = await LiveScene.start({
      agent: agentWith({
        name: 'desk',
        subAgents: [next],
        beforeModelCallback: ({ request }) => look.callback(request.contents[0]?.parts[0]?.text ?? ''),
      }),
    });
    scene.model.connection.say({
      toolCalls: [{ id: 'c', name: 'transfer_to_agent', args: { agentName: 'next' } }],
    });
    scene.queue.sendContent(typed('first'));
    scene.queue.sendContent(typed('second'));
    await until('the next agent', () => scene.model.connections.length === 2);
    await settle(50);
    await look.answer();
    const told = scene.model.connection.sent.flatMap((sent) =>
      sent.kind === 'content' ? sent.content.parts : [],
    );
    const all = told.map((part) => part.text).join(' ');
    expect(all.match(/first/g)).toHaveLength(1);
    expect(all.match(/second/g)).toHaveLength(1);
    await scene.end();
    expect(
      texts(
        (await scene.stored()).filter((event) => event.author === 'user' && event.content?.parts[0]?.text),
      ),
    ).toEqual(['first', 'second']);
  });
});

describe('a queue that is closed while a guardrail looks at a typed message', () => {
  it('waits for the agent who takes over to be given it', async () => {
    const look = gate();
    const scene = await LiveScene.start({
      agent: agentWith({
        name: 'desk',
        subAgents: [agentWith({ name: 'next' })],
        beforeModelCallback: () => look.callback(''),
      }),
    });
    scene.model.connection.say({
      toolCalls: [{ id: 'c', name: 'transfer_to_agent', args: { agentName: 'next' } }],
    });
    scene.queue.sendContent(typed('last words'));
    scene.queue.close();
    await scene.done;
    expect(JSON.stringify(scene.model.connections[1]?.sent)).toContain('last words');
  });
});

describe('what guardrails change', () => {
  it('in the state is stored, whatever their verdict', async () => {
    const scene = await LiveScene.start({
      agent: agentWith({
        beforeModelCallback: ({ context, request }) => {
          const bad = JSON.stringify(request.contents).includes('bad');
          context.state.set(bad ? 'refused' : 'passed', true);
          return bad ? REFUSAL : undefined;
        },
        afterModelCallback: ({ context }) => void context.state.set('said', true),
      }),
    });
    scene.queue.sendContent(typed('good'));
    scene.queue.sendContent(typed('bad'));
    scene.model.connection.say({ outputTranscription: { text: 'Hm', finished: true } });
    await until('the refusal', () => scene.events.some((event) => texts([event])[0] === 'Not that.'));
    await scene.end();
    const stored = await scene.sessions.getSession({
      tenantId: 't',
      appName: 'app',
      userId: 'u',
      sessionId: 's',
    });
    expect(stored?.state).toEqual({ passed: true, refused: true, said: true });
  });
});
