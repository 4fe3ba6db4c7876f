import { functionResponsesOf } from '@parley/event';
import { settle, until } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LlmAgent } from '../agent/llm-agent.js';
import { LoopAgent } from '../agent/loop-agent.js';
import { SequentialAgent } from '../agent/sequential-agent.js';
import { LiveScene } from '../testing/live-scene.js';
import { FunctionTool } from '../tool/function-tool.js';

const SILENCE = { mimeType: 'audio/pcm;rate=16000', data: new Uint8Array(2) };

const escalate = new FunctionTool({
  name: 'stop',
  description: 'Stops.',
  parameters: z.object({}),
  execute: (_args, context) => {
    context.actions.escalate = true;
    return 'stopped';
  },
});

function agents(): LlmAgent {
  const billing = new LlmAgent({ name: 'billing', description: 'Knows bills.', instruction: 'Bills.' });
  const support = new LlmAgent({
    name: 'support',
    description: 'Knows faults.',
    instruction: 'Faults.',
    disallowTransferToPeers: true,
  });
  return new LlmAgent({ name: 'desk', instruction: 'Greet.', subAgents: [billing, support] });
}

const transfer = (agentName: string) => ({
  toolCalls: [{ id: 'c1', name: 'transfer_to_agent', args: { agentName } }],
});

describe('a hand-over', () => {
  it('answers the model, closes its session, and opens one for the next agent (G1, G4)', async () => {
    const scene = await LiveScene.start({ agent: agents() });
    scene.model.connection.say({ inputTranscription: { text: 'My bill is wrong', finished: true } });
    scene.model.connection.say(transfer('billing'));
    await until('the second session', () => scene.model.connections.length === 2);
    const [desk, billing] = scene.model.connections;
    expect(desk?.sent).toMatchObject([{ kind: 'toolResponse', responses: [{ id: 'c1' }] }]);
    expect(desk?.closed).toBe(true);
    await settle();
    billing?.say({ parts: [{ text: 'Let me look.' }] });
    billing?.say({ turnComplete: true });
    await settle();
    const told = scene.events.filter((event) => event.content || event.actions.transferToAgent);
    expect(told.map((event) => event.author)).toEqual(['desk', 'desk', 'billing', 'billing']);
    expect(told[1]?.actions.transferToAgent).toBe('billing');
    expect(new Set(scene.events.map((event) => event.invocationId)).size).toBe(1);
    expect(scene.model.configs[1]?.sessionResumption?.handle).toBeUndefined();
    await scene.end();
  });

  it('has the next agent answer what the user said last, once, and know the rest (G2)', async () => {
    const scene = await LiveScene.start({ agent: agents() });
    scene.model.connection.say({ inputTranscription: { text: 'I am Ada', finished: true } });
    scene.model.connection.say({ outputTranscription: { text: 'Hello Ada', finished: true } });
    scene.model.connection.say({ turnComplete: true });
    scene.model.connection.say({ inputTranscription: { text: 'My bill is wrong', finished: false } });
    scene.model.connection.say(transfer('billing'));
    await until('the second session', () => scene.model.connections.length === 2);
    await settle();
    const seed = JSON.stringify(scene.model.configs[1]?.history?.());
    expect(seed).toContain('Hello Ada');
    expect(seed).not.toContain('My bill is wrong');
    expect(scene.model.connection.sent).toEqual([
      { kind: 'content', content: { role: 'user', parts: [{ text: 'My bill is wrong' }] }, partial: false },
    ]);
    await scene.end();
  });

  it('gives the next agent what the client sent meanwhile (G3)', async () => {
    const scene = await LiveScene.start({ agent: agents() });
    scene.model.connection.say(transfer('billing'));
    await until('the first session closed', () => scene.model.connections[0]?.closed === true);
    scene.queue.sendRealtime(SILENCE);
    scene.queue.sendRealtime(SILENCE);
    await until('the second session', () => scene.model.connections.length === 2);
    await settle();
    expect(scene.model.connection.sent.filter(({ kind }) => kind === 'realtime')).toHaveLength(2);
    await scene.end();
  });

  it('offers and accepts only whom the agent may hand over to (G5)', async () => {
    const scene = await LiveScene.start({ agent: agents() });
    scene.model.connection.say(transfer('support'));
    await until('the second session', () => scene.model.connections.length === 2);
    await settle();
    scene.model.connection.say(transfer('billing'));
    await until('an answer', () => scene.model.connection.sent.some(({ kind }) => kind === 'toolResponse'));
    const refusal = scene.events.flatMap(functionResponsesOf).at(-1);
    expect(refusal?.response).toHaveProperty('error');
    expect(JSON.stringify(scene.model.configs[1]?.tools)).not.toContain('billing');
    expect(scene.model.connections).toHaveLength(2);
    await scene.end();
  });

  it('begins the next run with the agent that talked last, where the way back is open (G8)', async () => {
    const first = await LiveScene.start({ agent: agents() });
    first.model.connection.say(transfer('billing'));
    await until('the second session', () => first.model.connections.length === 2);
    first.model.connection.say({
      outputTranscription: { text: 'I look', finished: true },
      turnComplete: true,
    });
    await settle();
    await first.end();
    const second = await LiveScene.start({ agent: agents(), sessions: first.sessions });
    expect(second.model.configs[0]?.systemInstruction).toContain('Bills.');
    await second.end();
  });
});

const step = (name: string): LlmAgent =>
  new LlmAgent({ name, instruction: `Do ${name}.`, tools: [escalate] });
const done = { toolCalls: [{ id: 'd', name: 'task_completed', args: {} }] };

describe('a SequentialAgent', () => {
  it('runs its agents one after the other, ends with the last, and leaves the definitions alone (G7)', async () => {
    const children = [step('ask'), step('sum_up')];
    const agent = new SequentialAgent({ name: 'steps', subAgents: children });
    for (const _session of [1, 2]) {
      const scene = await LiveScene.start({ agent });
      scene.model.connection.say(done);
      await until('the second agent', () => scene.model.connections.length === 2);
      await settle();
      scene.model.connection.say(done);
      await scene.done;
      expect(scene.model.connections).toHaveLength(2);
      expect(scene.model.configs.map((config) => config.tools.map(({ name }) => name))).toEqual([
        ['stop', 'task_completed'],
        ['stop', 'task_completed'],
      ]);
    }
    expect(children.map((child) => child.tools)).toEqual([[escalate], [escalate]]);
  });
});

describe('a LoopAgent', () => {
  it('goes round until its rounds are over', async () => {
    const agent = new LoopAgent({ name: 'loop', subAgents: [step('again')], maxIterations: 3 });
    const scene = await LiveScene.start({ agent });
    for (let round = 1; round <= 3; round++) {
      await until(`round ${round}`, () => scene.model.connections.length === round);
      await settle();
      scene.model.connection.say(done);
    }
    await scene.done;
    expect(scene.model.connections).toHaveLength(3);
  });

  it('ends when a tool escalates', async () => {
    const scene = await LiveScene.start({
      agent: new LoopAgent({ name: 'loop', subAgents: [step('again')] }),
    });
    scene.model.connection.say({ toolCalls: [{ id: 's', name: 'stop', args: {} }] });
    await scene.done;
    expect(scene.events.at(-1)?.actions.escalate).toBe(true);
    expect(scene.model.connections).toHaveLength(1);
  });
});
