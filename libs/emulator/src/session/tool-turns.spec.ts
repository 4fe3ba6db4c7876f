import { SessionBench, speech, type SessionBenchOptions } from '@parley-testing/emulator';
import { describe, expect, it } from 'vitest';

const LONG = 'Tell me a long story.';
const functions = (behavior?: string, names = ['get_weather']) => ({
  tools: [{ functionDeclarations: names.map((name) => ({ name, ...(behavior && { behavior }) })) }],
});

async function started(setup: object = {}, options: SessionBenchOptions = {}): Promise<SessionBench> {
  const bench = new SessionBench(options);
  await bench.setUp(setup);
  bench.forget();
  return bench;
}

const idsOf = (bench: SessionBench): string[] =>
  bench.messages.flatMap(({ toolCall }) => toolCall?.functionCalls.map(({ id }) => id) ?? []);

const answer = (id: string, more: object = {}) => ({
  toolResponse: {
    functionResponses: [{ id, name: 'get_weather', response: { output: 'It is sunny there.' }, ...more }],
  },
});

/** A brain that calls everything it has at once and repeats what came back. */
const both = {
  brain: {
    answer: () => ({
      calls: [
        { name: 'a', args: {} },
        { name: 'b', args: {} },
      ],
    }),
    afterTools: (_context: unknown, outcomes: readonly { readonly response: object }[]) => ({
      say: outcomes.map(({ response }) => Object.values(response).join(' ')).join(' and '),
    }),
  },
};

describe('parallel blocking calls', () => {
  it('come in one message, and the turn goes on with the last answer', async () => {
    const bench = await started(functions('BLOCKING', ['a', 'b']), both);
    await bench.write('Go');
    await bench.until(({ kinds }) => kinds.includes('toolCall'));
    const [a = '', b = ''] = idsOf(bench);
    const one = (id: string, output: string) => ({
      toolResponse: { functionResponses: [{ id, name: '', response: { output } }] },
    });
    await bench.send(one(b, 'second'));
    await bench.clock.advance(10_000);
    expect(bench.kinds).toEqual(['toolCall']);
    await bench.send(one(a, 'first'));
    await bench.untilTurnComplete();
    expect(bench.said).toBe('second and first');
  });
});

describe('where the turn ends with its blocking call', () => {
  const model = { model: 'models/gemini-2.5-flash-native-audio-preview-12-2025' };

  it('its answer begins another turn', async () => {
    const bench = await started({ ...functions(), ...model });
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['toolCall', 'audio', 'generationComplete', 'turnComplete']);
    bench.forget();
    await bench.clock.advance(5_000);
    await bench.send(answer(''));
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['audio', 'generationComplete', 'turnComplete']);
    expect(bench.said).toContain('It is sunny there.');
  });

  it('new input cancels the call without a second turnComplete', async () => {
    const bench = await started({ ...functions(), ...model });
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    const ids = idsOf(bench);
    bench.forget();
    await bench.write('Never mind.');
    expect(bench.messages.map((message) => Object.keys(message)[0])).toEqual([
      'serverContent',
      'toolCallCancellation',
    ]);
    expect(bench.messages).toEqual([
      { serverContent: { interrupted: true } },
      { toolCallCancellation: { ids } },
    ]);
    await bench.untilTurnComplete();
    expect(bench.kinds.slice(2)).toEqual(['audio', 'generationComplete', 'turnComplete']);
  });

  it('a setting makes it so for any model', async () => {
    const bench = await started(functions('BLOCKING'), { behaviour: { turnEndsAtCall: true } });
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['toolCall', 'audio', 'generationComplete', 'turnComplete']);
  });
});

describe('an interruption', () => {
  it('may cancel calls before it says interrupted', async () => {
    const bench = await started(functions('BLOCKING'), { behaviour: { cancellation: 'before-interrupted' } });
    await bench.write('What is the weather?');
    await bench.until(({ kinds }) => kinds.includes('toolCall'));
    await bench.write('Stop');
    expect(bench.kinds).toEqual(['toolCall', 'toolCallCancellation', 'interrupted', 'turnComplete']);
  });

  it('may find audio on its way, which then comes behind interrupted and counts as said', async () => {
    const bench = await started({}, { behaviour: { audioAfterInterrupted: 2 } });
    await bench.write(LONG);
    await bench.until(({ said }) => said.length > 60);
    const before = bench.messages.length;
    await bench.send({ clientContent: { turnComplete: false } });
    const after = bench.messages
      .slice(before)
      .map(({ serverContent }) => Object.keys(serverContent ?? {})[0]);
    expect(after).toEqual(['interrupted', 'modelTurn', 'modelTurn', 'turnComplete']);
    expect(bench.transcript.at(-1)?.text).toBe(bench.said.trim());
  });

  it('of INTERRUPT waits while the user speaks', async () => {
    const bench = await started(functions());
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    const [id = ''] = idsOf(bench);
    const question = speech('What is two plus three?', { tailMs: 1_200 });
    await bench.hear(question.subarray(0, 16_000));
    bench.forget();
    await bench.send(answer(id, { scheduling: 'INTERRUPT' }));
    await bench.clock.advance(5_000);
    expect(bench.kinds).not.toContain('audio');
    await bench.hear(question.subarray(16_000));
    await bench.until(
      ({ messages }) => messages.filter((each) => each.serverContent?.turnComplete).length === 2,
    );
    expect(bench.said).toMatch(/2 plus 3 is 5\..*It is sunny there\./s);
  });
});

describe('ids', () => {
  it.each([
    ['unknown', (ids: string[]) => [`${ids[0]}0`]],
    ['answered before', (ids: string[]) => [ids[0] ?? '', ids[0] ?? '']],
  ])('that are %s are passed over, or close with 1008 where ids are strict', async (_what, answers) => {
    for (const strictToolIds of [false, true]) {
      const bench = await started(functions('BLOCKING'), { behaviour: { strictToolIds } });
      await bench.write('What is the weather?');
      await bench.until(({ kinds }) => kinds.includes('toolCall'));
      for (const id of answers(idsOf(bench))) await bench.send(answer(id));
      expect(bench.closed?.code).toBe(strictToolIds ? 1008 : undefined);
    }
  });

  it('are digits on the Gemini API and UUIDs on Vertex', async () => {
    for (const [api, form] of [
      ['gemini', /^function-call-\d+$/],
      ['vertex', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/],
    ] as const) {
      const bench = await started(functions(), { api });
      await bench.write('What is the weather?');
      await bench.untilTurnComplete();
      expect(idsOf(bench)[0]).toMatch(form);
    }
  });
});

describe('extended thinking', () => {
  const model = { model: 'models/gemini-3.8-live-extended-thinking' };
  const statuses = (bench: SessionBench) =>
    bench.messages.flatMap(({ serverContent }) => serverContent?.interactionStatus ?? []);

  it('is idle only when its calls are answered and what they brought was said', async () => {
    const bench = await started({ ...functions(), ...model });
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    expect(statuses(bench)).toEqual(['IN_PROGRESS']);
    await bench.send(answer(idsOf(bench)[0] ?? ''));
    await bench.until((each) => statuses(each).length === 2);
    expect(statuses(bench)).toEqual(['IN_PROGRESS', 'IDLE']);
    expect(bench.said).toContain('It is sunny there.');
  });

  it('knows no scheduling: SILENT is answered like any other', async () => {
    const bench = await started({ ...functions(), ...model });
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    bench.forget();
    await bench.send(answer('', { scheduling: 'SILENT' }));
    await bench.untilTurnComplete();
    expect(bench.said).toContain('It is sunny there.');
  });
});

describe('a translating model', () => {
  const translate = {
    model: 'models/gemini-3.5-live-translate',
    generationConfig: { translationConfig: { targetLanguageCode: 'pl' } },
  };

  it('says what the user says, and is not interrupted by it', async () => {
    const bench = await started(translate);
    await bench.write('The train leaves at noon today from the other side.');
    await bench.until(({ kinds }) => kinds.includes('audio'));
    await bench.write('Bring your bag.');
    await bench.until(
      ({ messages }) => messages.filter((each) => each.serverContent?.turnComplete).length === 2,
    );
    expect(bench.kinds).not.toContain('interrupted');
    expect(bench.said).toBe('The train leaves at noon today from the other side.Bring your bag.');
  });

  it.each([
    ['without a language', { generationConfig: {} }],
    ['with functions', functions()],
  ])('is refused %s', async (_what, more) => {
    expect((await started({ ...translate, ...more })).closed?.code).toBe(1007);
  });
});

describe('voice activity', () => {
  const heard = speech('What is two plus three?', { leadMs: 400, tailMs: 1_200 });

  it('is signalled on Vertex where the setup asks for it, with its place in the audio', async () => {
    const bench = await started({ explicitVadSignal: true }, { api: 'vertex' });
    await bench.hear(heard);
    const signals = bench.messages.flatMap((each) => each.voiceActivityDetectionSignal?.vadSignalType ?? []);
    expect(signals).toEqual(['VAD_SIGNAL_TYPE_SOS', 'VAD_SIGNAL_TYPE_EOS']);
    const [start, end] = bench.messages.flatMap(({ voiceActivity }) => voiceActivity ?? []);
    expect(start?.type).toBe('ACTIVITY_START');
    expect(Number.parseFloat(start?.audioOffset ?? '')).toBeCloseTo(0.4, 1);
    expect(end?.type).toBe('ACTIVITY_END');
    expect(Number.parseFloat(end?.audioOffset ?? '')).toBeGreaterThan(1);
  });

  it('is told on the Gemini API by a setting, and can not be asked for there', async () => {
    const told = await started({}, { behaviour: { voiceActivity: true } });
    await told.hear(heard);
    expect(told.messages.filter(({ voiceActivity }) => voiceActivity)).toHaveLength(2);
    expect(told.messages.filter(({ voiceActivityDetectionSignal }) => voiceActivityDetectionSignal)).toEqual(
      [],
    );
    expect((await started({ explicitVadSignal: true })).closed?.code).toBe(1007);
  });
});
