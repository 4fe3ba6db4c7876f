import { functionCallsOf, functionResponsesOf } from '@parley/event';
import { systemClock, type Clock } from '@parley/kernel';
import { LlmAgent, LoopAgent, SequentialAgent, type LlmAgentConfig } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { conversations } from './support/conversations.js';
import { Gate } from './support/gate.js';
import {
  caption,
  generationComplete,
  heard,
  microphone,
  resumption,
  toolCall,
  turnComplete,
  voice,
  type ServerMessage,
} from './support/messages.js';
import type { ClientMessage, ModelSide } from './support/model-side.js';
import { answers, tool, toolAnswers } from './support/tools.js';

/** What a connection takes to be accepted under the scenario `far-away`. */
const CONNECT_MS = 100;
const conversation = conversations({
  scenarios: {
    'far-away': {
      exact: true,
      setupComplete: 'manual',
      rules: [{ when: { start: true }, do: [{ wait: CONNECT_MS }, { setupComplete: true }] }],
    },
  },
});

const agent = (name: string, more: Partial<LlmAgentConfig> = {}): LlmAgent =>
  new LlmAgent({ name, description: `Knows ${name}.`, instruction: `Do ${name}.`, ...more });
/** `desk` with `bills` and `faults` below it. */
const desk = (bills: Partial<LlmAgentConfig> = {}): LlmAgent =>
  agent('desk', { subAgents: [agent('bills', bills), agent('faults')] });

const transfer = (agentName: string, id = 't1'): ServerMessage =>
  toolCall({ id, name: 'transfer_to_agent', args: { agentName } });
const transferred = answers({ id: 't1', name: 'transfer_to_agent', response: { result: 'Transfer queued' } });

/** Names of all functions that the model was told of, with what they take. */
function declared(model: ModelSide): Readonly<Record<string, unknown>> {
  const tools = model.setup['tools'] as { functionDeclarations?: { name: string }[] }[] | undefined;
  return Object.fromEntries(
    (tools ?? []).flatMap(({ functionDeclarations = [] }) => functionDeclarations.map((it) => [it.name, it])),
  );
}
const instruction = (model: ModelSide): string => JSON.stringify(model.setup['systemInstruction']);
const wordsOf = (messages: readonly ClientMessage[]): string => JSON.stringify(messages);

const REQUESTS = [
  { as: 'finished', said: [heard('My bill'), heard(' is wrong', { finished: true })] },
  { as: 'never finished', said: [heard('My bill'), heard(' is wrong')] },
];

describe('G. Several agents', () => {
  it('G1 tells the call, the response and then the next agent, from a new connection in the same run', async () => {
    const call = await conversation({ agent: desk() });
    call.model.send(heard('My bill is wrong', { finished: true }), transfer('bills'));
    const bills = await call.connection(1);
    expect(call.connections[0]?.messages).toEqual([transferred]);
    expect(await call.connections[0]?.ended()).toMatchObject({ code: 1000 });
    expect(instruction(bills)).toContain('Do bills.');
    bills.send(voice(), caption('Let me see'), turnComplete());
    await call.event({ turnComplete: true });
    const at = call.events.findIndex((event) => functionCallsOf(event).length > 0);
    const [called, answered, ...after] = call.events.slice(at);
    expect(called).toMatchObject({ author: 'desk' });
    expect(answered).toMatchObject({ author: 'desk', actions: { transferToAgent: 'bills' } });
    expect(answered && functionResponsesOf(answered)).toMatchObject([
      { id: 't1', name: 'transfer_to_agent' },
    ]);
    expect(after.map((event) => event.author)).toEqual(after.map(() => 'bills'));
    expect(new Set(call.events.map((event) => event.invocationId)).size).toBe(1);
    const numbers = call.events.flatMap((event) => event.seq ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(call.connections).toHaveLength(2);
  });

  it.each(REQUESTS)(
    'G2 has the next agent answer what the user said last, once, be it $as',
    async ({ said }) => {
      const call = await conversation({ agent: desk() });
      call.model.send(heard('I am Ada', { finished: true }), caption('Hello Ada'), turnComplete());
      await call.event({ turnComplete: true });
      call.model.send(...said, transfer('bills'));
      await call.connection(1);
      await call.model.got({ clientContent: { turnComplete: true } });
      const told = await call.sent();
      expect(wordsOf(told)).toContain('Hello Ada');
      expect(wordsOf(told).split('My bill is wrong')).toHaveLength(2);
      expect(wordsOf(told.slice(-1))).toContain('My bill is wrong');
      expect(told.at(-1)).toMatchObject({ clientContent: { turnComplete: true } });
    },
  );

  it('G2 has it answered also when the turn ended while the tool that hands over still ran', async () => {
    const held = new Gate();
    const giveAway = tool('give_away', async (_args, { actions }) => {
      await held.opened;
      actions.transferToAgent = 'bills';
    });
    const call = await conversation({
      agent: agent('desk', { tools: [giveAway], subAgents: [agent('bills')] }),
    });
    call.model.send(heard('My bill is wrong', { finished: true }), toolCall({ id: 'c1', name: 'give_away' }));
    call.model.send(generationComplete(), turnComplete());
    await call.event({ turnComplete: true });
    held.open();
    await call.connection(1);
    await call.model.got({ clientContent: { turns: [{ parts: [{ text: 'My bill is wrong' }] }] } });
    const told = await call.sent();
    expect(told.at(-1)).toEqual({
      clientContent: { turns: [{ role: 'user', parts: [{ text: 'My bill is wrong' }] }], turnComplete: true },
    });
    expect(wordsOf(told).split('My bill is wrong')).toHaveLength(2);
  });

  it('G3 gives the next agent what the user says during the switch, in order, and the last one none of it', async () => {
    const call = await conversation({ agent: desk(), holdSetup: true });
    const first = call.model;
    call.acceptSetup();
    await call.until('the set-up', () => call.ready);
    call.queue.sendRealtime(microphone(20, 1));
    await first.received(1);
    first.send(transfer('bills'));
    await call.event({ actions: { transferToAgent: 'bills' } });
    call.queue.sendRealtime(microphone(20, 2));
    const bills = await call.connection(1);
    call.queue.sendRealtime(microphone(20, 3));
    call.queue.sendContent({ parts: [{ text: 'Hello?' }] });
    call.queue.sendRealtime(microphone(20, 4));
    expect(bills.messages).toEqual([]);
    call.acceptSetup();
    await bills.got({ realtimeInput: { audio: { data: data(4) } } });
    const given = bills.messages.flatMap((message) => {
      const { audio } = (message['realtimeInput'] ?? {}) as { audio?: { data: string } };
      if (audio) return [audio.data];
      return JSON.stringify(message).includes('Hello?') ? ['Hello?'] : [];
    });
    expect(given).toEqual([data(2), data(3), 'Hello?', data(4)]);
    expect(first.all({ realtimeInput: {} })).toHaveLength(1);
  });

  it('G4 begins a session of its own for each agent, also for one that comes back', async () => {
    const call = await conversation({ agent: desk() });
    call.model.send(resumption('handle-of-desk'));
    await call.event({ author: 'desk', liveSessionResumptionUpdate: {} });
    call.model.send(transfer('bills'));
    const bills = await call.connection(1);
    await bills.received(1);
    bills.send(resumption('handle-of-bills'));
    await call.event({ author: 'bills', liveSessionResumptionUpdate: {} });
    bills.send(transfer('desk', 't2'));
    const again = await call.connection(2);
    await again.received(1);
    expect(instruction(again)).toContain('Do desk.');
    for (const model of [bills, again]) {
      expect(model.setup['sessionResumption']).toEqual({});
      expect(JSON.stringify([model.setup, model.messages])).not.toContain('handle-of');
    }
  });

  it('G5 neither offers nor accepts peers where they are disallowed, nor agents that there are not', async () => {
    const call = await conversation({ agent: desk({ disallowTransferToPeers: true }) });
    expect(JSON.stringify(declared(call.model)['transfer_to_agent'])).toMatch(/bills.*faults/);
    call.model.send(transfer('bills'));
    const bills = await call.connection(1);
    await bills.received(1);
    expect(JSON.stringify(declared(bills)['transfer_to_agent'])).toContain('"desk"');
    expect(JSON.stringify(bills.setup)).not.toContain('faults');
    for (const name of ['faults', 'nobody']) {
      bills.send(transfer(name, name));
      const response = { error: `There is no agent "${name}" to transfer to. Agents: desk.` };
      await bills.got(answers({ id: name, name: 'transfer_to_agent', response }));
    }
    bills.send(caption('I will do it myself.'), turnComplete());
    await call.event({ author: 'bills', turnComplete: true });
    expect(call.eventsWith({ actions: { transferToAgent: 'faults' } })).toEqual([]);
    expect(call.connections).toHaveLength(2);
  });

  it('G6 sends all responses of a message in which a tool of the app hands over, then hands over', async () => {
    const held = new Gate();
    let handedOver = false;
    const tools = [
      tool('give_away', (_args, { actions }) => {
        actions.transferToAgent = 'bills';
        handedOver = true;
        return 'given';
      }),
      tool('look_up', async () => {
        await held.opened;
        return 'found';
      }),
    ];
    const call = await conversation({ agent: agent('desk', { tools, subAgents: [agent('bills')] }) });
    call.model.send(toolCall({ id: 'c1', name: 'give_away' }, { id: 'c2', name: 'look_up' }));
    await call.until('the first tool to have run', () => handedOver);
    expect(await call.sent()).toEqual([]);
    expect(call.connections).toHaveLength(1);
    held.open();
    await call.connection(1);
    expect(toolAnswers(call.connections[0]?.messages ?? [])).toEqual([
      answers(
        { id: 'c1', name: 'give_away', response: { result: 'given' } },
        { id: 'c2', name: 'look_up', response: { result: 'found' } },
      ),
    ]);
    expect(call.kinds).toEqual(['call give_away+look_up', 'response give_away+look_up']);
  });

  it('G7 runs a sequence to its end, and leaves the definitions of its agents as they are', async () => {
    const steps = [agent('ask'), agent('sum_up')];
    const sequence = new SequentialAgent({ name: 'steps', subAgents: steps });
    const setups: (readonly ClientMessage[])[] = [];
    for (const sessionId of ['one', 'two']) {
      const call = await conversation({ agent: sequence, key: { sessionId } });
      call.model.send(toolCall({ id: 'd1', name: 'task_completed' }));
      const second = await call.connection(1);
      expect(call.connections[0]?.messages).toEqual([
        answers({ id: 'd1', name: 'task_completed', response: { result: 'Task completion signaled.' } }),
      ]);
      await second.received(1);
      second.send(caption('All done.'), toolCall({ id: 'd2', name: 'task_completed' }));
      await call.over();
      expect(call.failure).toBeUndefined();
      expect(second.all({ toolResponse: {} })).toHaveLength(1);
      expect(await second.ended()).toMatchObject({ code: 1000 });
      expect(call.eventsWith({ actions: { endOfAgent: true } }).map(({ author }) => author)).toEqual([
        'ask',
        'sum_up',
      ]);
      expect(call.connections.map(instruction)).toEqual([
        expect.stringContaining('Do ask.'),
        expect.stringContaining('Do sum_up.'),
      ]);
      expect(call.connections.map((model) => Object.keys(declared(model)))).toEqual([
        ['task_completed'],
        ['task_completed'],
      ]);
      setups.push(call.connections.map(({ setup }) => setup));
    }
    expect(setups[1]).toEqual(setups[0]);
    expect(steps.map(({ tools, instruction: own }) => [tools, own])).toEqual([
      [[], 'Do ask.'],
      [[], 'Do sum_up.'],
    ]);
  });

  it('G7 goes round a loop, each round on a session of its own, until a tool escalates', async () => {
    const stop = tool('stop', (_args, { actions }) => {
      actions.escalate = true;
      return 'stopped';
    });
    const loop = new LoopAgent({
      name: 'rounds',
      subAgents: [agent('ask', { tools: [stop] }), agent('check')],
    });
    const call = await conversation({ agent: loop });
    for (const at of [0, 1]) {
      const step = await call.connection(at);
      step.send(toolCall({ id: `d${at}`, name: 'task_completed' }));
    }
    const again = await call.connection(2);
    expect(call.ended).toBe(false);
    again.send(toolCall({ id: 's1', name: 'stop' }));
    await call.over();
    expect(call.failure).toBeUndefined();
    expect(call.connections.map(instruction)).toEqual(
      ['Do ask.', 'Do check.', 'Do ask.'].map((words) => expect.stringContaining(words) as string),
    );
    expect(call.connections.map(({ setup }) => setup['sessionResumption'])).toEqual([{}, {}, {}]);
    expect(call.eventsWith({ actions: { escalate: true } })).toHaveLength(1);
    expect(await again.ended()).toMatchObject({ code: 1000 });
  });

  it('G7 ends a loop when its rounds are over', async () => {
    const call = await conversation({
      agent: new LoopAgent({ name: 'rounds', subAgents: [agent('ask')], maxIterations: 2 }),
    });
    for (const at of [0, 1]) {
      const round = await call.connection(at);
      round.send(toolCall({ id: `d${at}`, name: 'task_completed' }));
    }
    await call.over();
    expect(call.failure).toBeUndefined();
    expect(call.connections).toHaveLength(2);
  });

  it.each([
    { bills: 'open to transfers', config: {}, entry: 'bills' },
    { bills: 'closed to transfers', config: { disallowTransferToParent: true }, entry: 'desk' },
  ])(
    'G8 begins the next run of a session with $entry when bills, who talked last, is $bills',
    async (given) => {
      const root = desk(given.config);
      const first = await conversation({ agent: root });
      first.model.send(transfer('bills'));
      const bills = await first.connection(1);
      bills.send(caption('Let me see'), turnComplete());
      await first.event({ author: 'bills', turnComplete: true });
      await first.end();
      const second = await conversation({ agent: root, sessions: first.sessions });
      expect(second.connections).toHaveLength(1);
      expect(instruction(second.model)).toContain(`Do ${given.entry}.`);
      second.model.send(caption('And now?'), turnComplete());
      expect(await second.event({ turnComplete: true })).toMatchObject({ author: given.entry });
    },
  );

  it('G9 hands over without waiting for anything but the connection', async () => {
    const waits = new ExpiredWaits();
    const call = await conversation({ agent: desk(), scenario: 'far-away', clock: waits });
    const first = call.model;
    call.queue.sendRealtime(microphone(20, 1));
    await first.received(1);
    waits.forget();
    first.send(transfer('bills'));
    await first.got({ toolResponse: {} });
    const answeredMs = performance.now();
    call.queue.sendRealtime(microphone(20, 2));
    const bills = await call.connection(1);
    await bills.got({ realtimeInput: { audio: { data: data(2) } } });
    const gapMs = Math.round(performance.now() - answeredMs);
    console.info(`G9: ${gapMs} ms from the response to the first frame, ${CONNECT_MS} ms of them connecting`);
    expect(waits.totalMs).toBeLessThan(700 - CONNECT_MS);
    const [fact] = call.facts.filter(({ kind }) => kind === 'handedOver');
    expect(fact).toMatchObject({ from: 'desk', to: 'bills' });
  });
});

const data = (fill: number): string => Buffer.from(microphone(20, fill).data).toString('base64');

/** The platform's clock, which adds up the timers that ran out: what the runtime waited for by design. */
class ExpiredWaits implements Clock {
  totalMs = 0;

  forget(): void {
    this.totalMs = 0;
  }

  nowMs(): number {
    return systemClock.nowMs();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, run: () => void): () => void {
    return systemClock.after(delayMs, () => {
      this.totalMs += delayMs;
      run();
    });
  }

  every(periodMs: number, run: () => void): () => void {
    return systemClock.every(periodMs, run);
  }
}
