import { functionCallsOf, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import type { LlmAgentConfig } from '../agent/llm-agent.js';
import { LoopAgent } from '../agent/loop-agent.js';
import { SequentialAgent } from '../agent/sequential-agent.js';
import type { BasePlugin } from '../plugin/base-plugin.js';
import { agent, AsyncScene, key, scene, textOf } from '../testing/async-scene.js';
import { calls, says, ScriptedLlm } from '../testing/scripted-llm.js';
import { FunctionTool } from '../tool/function-tool.js';

describe('runAsync with several agents', () => {
  it('follows a transfer, and begins with the agent that spoke last', async () => {
    const root = agent('root', { subAgents: [agent('math', { description: 'counts' })] });
    const llm = new ScriptedLlm(
      [calls(['t', 'transfer_to_agent', { agentName: 'math' }])],
      [says('Four.')],
      [says('Six.')],
    );
    const talk = await new AsyncScene(root, llm).begin();
    const events = await talk.run('2+2');
    expect(events.map(({ author }) => author)).toEqual(['root', 'root', 'math']);
    expect(events[1]?.actions.transferToAgent).toBe('math');
    expect(llm.requests[1]?.contents.at(-1)?.parts[0]).toEqual({ text: 'For context:' });
    expect((await talk.run('3+3')).map(({ author }) => author)).toEqual(['math']);
    expect(llm.requests[2]?.contents.map(({ role }) => role)).toEqual([
      'user',
      'user',
      'user',
      'model',
      'user',
    ]);
  });

  it('runs a sequence, each agent with what those before it said', async () => {
    const root = new SequentialAgent({
      name: 'both',
      subAgents: [agent('one', { outputKey: 'draft' }), agent('two', { instruction: 'Mend {draft}.' })],
    });
    const llm = new ScriptedLlm([says('Draft.')], [says('Final.')]);
    const events = await (await new AsyncScene(root, llm).begin()).run('write');
    expect(events.map(textOf)).toEqual(['Draft.', 'Final.']);
    expect(llm.requests[1]?.systemInstruction).toContain('Mend Draft.');
    expect(llm.requests[0]?.tools).toEqual([]);
  });

  it('goes on with a sequence where a question had ended it', async () => {
    const ask = new FunctionTool({
      name: 'ask',
      description: 'a',
      requireConfirmation: true,
      execute: () => 'done',
    });
    const root = new SequentialAgent({
      name: 'both',
      subAgents: [agent('one', { tools: [ask] }), agent('two')],
    });
    const llm = new ScriptedLlm([calls(['a', 'ask'])], [says('1')], [says('2')]);
    const talk = await new AsyncScene(root, llm).begin();
    const asked = await talk.run('go');
    expect(asked.map(({ author }) => author)).toEqual(['one', 'one']);
    const id = functionCallsOf(asked.at(-1) as Event)[0]?.id ?? '';
    const rest = await talk.run({
      parts: [{ functionResponse: { id, name: 'adk_request_confirmation', response: { confirmed: true } } }],
    });
    expect(rest.map(({ author }) => author)).toEqual(['one', 'one', 'two']);
  });

  it('loops until a tool escalates, once its agent is done', async () => {
    const exit = new FunctionTool({
      name: 'exit_loop',
      description: 'e',
      execute: (_args, { actions }) => {
        actions.escalate = true;
        actions.skipSummarization = true;
      },
    });
    const root = new LoopAgent({
      name: 'loop',
      subAgents: [agent('critic', { tools: [exit] }), agent('writer')],
    });
    const llm = new ScriptedLlm([says('bad')], [says('v2')], [calls(['e', 'exit_loop'])]);
    const events = await (await new AsyncScene(root, llm).begin()).run('write');
    expect(events.map(({ author }) => author)).toEqual(['critic', 'writer', 'critic', 'critic']);
    expect(llm.requests).toHaveLength(3);
  });

  it('loops at most as often as the agent says', async () => {
    const root = new LoopAgent({ name: 'loop', maxIterations: 2, subAgents: [agent('a')] });
    const llm = new ScriptedLlm([says('1')], [says('2')]);
    expect(await (await new AsyncScene(root, llm).begin()).run('go')).toHaveLength(2);
    expect(llm.requests[1]?.contents.at(-1)?.role).toBe('user');
  });
});

describe('callbacks in runAsync', () => {
  it('lets beforeModel answer in the place of the model, plugins first', async () => {
    const seen: string[] = [];
    const plugin: BasePlugin = {
      name: 'p',
      beforeModelCallback: ({ request }) => void seen.push(`${request.model}:${request.contents.length}`),
    };
    const config: Partial<LlmAgentConfig> = {
      beforeModelCallback: ({ context }) => {
        context.state.set('blocked', true);
        return { content: { role: 'model', parts: [{ text: 'No.' }] } };
      },
    };
    const talk = await scene(config, new ScriptedLlm(), plugin);
    expect((await talk.run('go')).map(textOf)).toEqual(['No.']);
    expect(seen).toEqual(['scripted-llm:1']);
    expect(talk.llm.requests).toHaveLength(0);
    expect((await talk.sessions.getSession(key))?.state).toEqual({ blocked: true });
  });

  it('lets afterModel replace what the model said', async () => {
    const config: Partial<LlmAgentConfig> = {
      afterModelCallback: ({ response }) =>
        response.partial ? undefined : { ...response, content: { role: 'model', parts: [{ text: '***' }] } },
    };
    const talk = await scene(config, new ScriptedLlm([says('secret')]));
    expect((await talk.run('go')).map(textOf)).toEqual(['***']);
    expect((await talk.stored()).map(textOf)).toEqual(['go', '***']);
  });

  it('lets nothing through when a guardrail throws', async () => {
    const config: Partial<LlmAgentConfig> = {
      beforeModelCallback: () => {
        throw new Error('broken');
      },
    };
    const talk = await scene(config, new ScriptedLlm([says('x')]));
    expect(await talk.run('go')).toMatchObject([{ errorCode: 'internal' }]);
    expect(talk.llm.requests).toHaveLength(0);
  });

  it('asks plugins about the message, the run, each event and the end', async () => {
    const seen: string[] = [];
    const plugin: BasePlugin = {
      name: 'p',
      onUserMessageCallback: () => ({ parts: [{ text: 'mended' }] }),
      beforeRunCallback: () => void seen.push('before'),
      onEventCallback: ({ event }) => ({ ...event, id: 'other', customMetadata: { seen: true } }),
      afterRunCallback: () => void seen.push('after'),
    };
    const talk = await scene({}, new ScriptedLlm([says('ok')]), plugin);
    const events = await talk.run('raw');
    expect(seen).toEqual(['before', 'after']);
    expect(talk.llm.requests[0]?.contents[0]?.parts).toEqual([{ text: 'mended' }]);
    expect(events[0]).toMatchObject({ customMetadata: { seen: true } });
    expect(events[0]?.id).not.toBe('other');
    expect((await talk.stored()).map(({ customMetadata }) => customMetadata)).toEqual([
      { seen: true },
      { seen: true },
    ]);
  });

  it('ends before the model when a plugin answers the run', async () => {
    const plugin: BasePlugin = { name: 'p', beforeRunCallback: () => ({ parts: [{ text: 'closed' }] }) };
    const talk = await scene({}, new ScriptedLlm(), plugin);
    expect(await talk.run('go')).toMatchObject([
      { author: 'model', content: { parts: [{ text: 'closed' }] } },
    ]);
  });

  it('passes an agent over whose before-callback answers, and asks the after-callback of each', async () => {
    const seen: string[] = [];
    const afterAgentCallback = ({ agentName }: { readonly agentName: string }): void =>
      void seen.push(agentName);
    const skipped = agent('skipped', {
      beforeAgentCallback: () => ({ parts: [{ text: 'not me' }] }),
      afterAgentCallback,
    });
    const root = new SequentialAgent({
      name: 'both',
      subAgents: [skipped, agent('next', { afterAgentCallback })],
    });
    const events = await (await new AsyncScene(root, new ScriptedLlm([says('me')])).begin()).run('go');
    expect(events.map(textOf)).toEqual(['not me', 'me']);
    expect(seen).toEqual(['skipped', 'next']);
  });
});
