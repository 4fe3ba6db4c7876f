import { SessionBench, speech } from '@parley-testing/emulator';
import { describe, expect, it } from 'vitest';

const LONG = 'Tell me a long story.';
const weather = (behavior?: string) => ({
  tools: [
    {
      functionDeclarations: [
        {
          name: 'get_weather',
          ...(behavior && { behavior }),
          parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] },
        },
      ],
    },
  ],
});

async function started(setup: object = {}, behaviour = {}): Promise<SessionBench> {
  const bench = new SessionBench({ behaviour });
  await bench.setUp(setup);
  bench.forget();
  return bench;
}

function callIds(bench: SessionBench): string[] {
  return bench.messages.flatMap(({ toolCall }) => toolCall?.functionCalls.map(({ id }) => id) ?? []);
}

function turnsEnded(bench: SessionBench): number {
  return bench.messages.filter(({ serverContent }) => serverContent?.turnComplete).length;
}

const answerTool = (id: string, more: object = {}) => ({
  toolResponse: {
    functionResponses: [{ id, name: 'get_weather', response: { output: 'It is sunny there.' }, ...more }],
  },
});

describe('a turn of the model', () => {
  it('sends audio with captions, generationComplete when all is sent, turnComplete with usage when it was heard', async () => {
    const bench = await started();
    await bench.write('Hello');
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['audio', 'generationComplete', 'turnComplete']);
    const generated = bench.sent.find(({ message }) => message.serverContent?.generationComplete);
    const complete = bench.sent.at(-1);
    const audioMs = bench.messages
      .flatMap(({ serverContent }) => serverContent?.modelTurn?.parts ?? [])
      .reduce(
        (sum, part) => sum + ('inlineData' in part ? (part.inlineData.data.length * 3) / 4 / 48 : 0),
        0,
      );
    const firstMs = bench.sent[0]?.atMs ?? 0;
    expect(firstMs).toBe(300);
    expect((generated?.atMs ?? 0) - firstMs).toBeLessThan(audioMs / 3);
    expect((complete?.atMs ?? 0) - firstMs).toBeGreaterThanOrEqual(audioMs - 1);
    const {
      promptTokenCount = 0,
      responseTokenCount = 0,
      totalTokenCount,
    } = complete?.message.usageMetadata ?? {};
    expect(responseTokenCount).toBe(Math.ceil(audioMs / 40));
    expect(totalTokenCount).toBe(promptTokenCount + responseTokenCount);
  });

  it('bills the whole context again: each prompt holds the answer before it', async () => {
    const bench = await started();
    const usages: number[] = [];
    for (const text of ['Hello', 'Thanks', 'Bye']) {
      bench.forget();
      await bench.write(text);
      await bench.untilTurnComplete();
      usages.push(bench.messages.at(-1)?.usageMetadata?.promptTokenCount ?? 0);
    }
    expect(usages[1]).toBeGreaterThan((usages[0] ?? 0) + 50);
    expect(usages[2]).toBeGreaterThan(usages[1] ?? 0);
  });

  it.each([
    ['while it thinks', (bench: SessionBench) => bench.kinds.length === 0],
    ['at its first chunk', (bench: SessionBench) => bench.kinds.includes('audio')],
    ['in the middle', (bench: SessionBench) => bench.said.length > 200],
    ['after generationComplete', (bench: SessionBench) => bench.kinds.includes('generationComplete')],
  ])('is interrupted %s: interrupted, then turnComplete, and nothing more of it', async (_when, due) => {
    const bench = await started();
    await bench.write(LONG);
    await bench.until(due);
    const generated = bench.kinds.includes('generationComplete');
    bench.forget();
    await bench.send({ clientContent: { turnComplete: false } });
    expect(bench.kinds).toEqual(['interrupted', 'turnComplete']);
    expect(bench.messages.at(-1)?.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
    await bench.clock.advance(90_000);
    expect(bench.kinds).toEqual(['interrupted', 'turnComplete']);
    expect(generated).toBe(_when === 'after generationComplete');
  });

  it('leaves in history only the words that were sent', async () => {
    const bench = await started();
    await bench.write(LONG);
    await bench.until(({ said }) => said.length > 40);
    const said = bench.said;
    await bench.send({ clientContent: { turnComplete: false } });
    bench.forget();
    await bench.write('What did you say?');
    await bench.untilTurnComplete();
    expect(bench.said).toContain(`I said: ${said}`);
  });

  it('in text comes as text parts and ends when it is sent', async () => {
    const bench = await started({
      model: 'models/gemini-2.0-flash-live-001',
      generationConfig: { responseModalities: ['text'] },
    });
    await bench.write('Repeat after me: one two three four five six seven');
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['text', 'generationComplete', 'turnComplete']);
    expect(bench.said).toMatch(/^One two three four five six seven\./);
  });
});

describe('input', () => {
  it('of clientContent is history until turnComplete, which begins a turn', async () => {
    const bench = await started();
    await bench.send({
      clientContent: { turns: [{ role: 'user', parts: [{ text: 'My name is Alice.' }] }] },
    });
    await bench.clock.advance(5_000);
    expect(bench.kinds).toEqual([]);
    const turns = [{ role: 'user', parts: [{ text: 'What is my name?' }] }];
    await bench.send({ client_content: { turns, turn_complete: true } });
    await bench.untilTurnComplete();
    expect(bench.said).toContain('Alice');
  });

  it('that comes during an answer cuts it short and is answered', async () => {
    const bench = await started();
    await bench.write(LONG);
    await bench.until(({ kinds }) => kinds.includes('audio'));
    bench.forget();
    await bench.write('What is 2 plus 3?');
    await bench.until((each) => turnsEnded(each) === 2);
    expect(bench.kinds).toEqual([
      'interrupted',
      'turnComplete',
      'audio',
      'generationComplete',
      'turnComplete',
    ]);
    expect(bench.said).toContain('2 plus 3 is 5.');
  });

  it('does not interrupt under NO_INTERRUPTION, and is answered afterwards', async () => {
    const bench = await started({ realtimeInputConfig: { activityHandling: 'NO_INTERRUPTION' } });
    await bench.write(LONG);
    await bench.until(({ kinds }) => kinds.includes('audio'));
    await bench.hear(speech('What is two plus three?', { leadMs: 100, tailMs: 1_000 }));
    await bench.until((each) => turnsEnded(each) === 2);
    const kinds = bench.kinds.filter((kind) => kind !== 'inputTranscription' && kind !== 'audio');
    expect(kinds).toEqual(['generationComplete', 'turnComplete', 'generationComplete', 'turnComplete']);
    expect(bench.said).toContain('2 plus 3 is 5.');
  });

  it('before an answer joins what was said before it', async () => {
    const bench = await started();
    await bench.write('My name is');
    await bench.write('Alice.');
    await bench.until((each) => each.kinds.includes('generationComplete'));
    expect(bench.said).toMatch(/(Nice to meet you|Hello) Alice|Alice/);
  });
});

describe('a tool call', () => {
  it('that blocks holds the turn, which goes on with the answer', async () => {
    const bench = await started(weather('BLOCKING'));
    await bench.write('What is the weather in Paris?');
    await bench.clock.advance(20_000);
    expect(bench.kinds).toEqual(['toolCall']);
    await bench.send(answerTool(callIds(bench)[0] ?? ''));
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['toolCall', 'audio', 'generationComplete', 'turnComplete']);
    expect(bench.said).toContain('It is sunny there.');
  });

  it('that blocks is cancelled by new input: interrupted, cancellation, turnComplete; its late answer is ignored', async () => {
    const bench = await started(weather('BLOCKING'));
    await bench.write('What is the weather in Paris?');
    await bench.until(({ kinds }) => kinds.includes('toolCall'));
    const [id = ''] = callIds(bench);
    await bench.write('Stop');
    expect(bench.kinds).toEqual(['toolCall', 'interrupted', 'toolCallCancellation', 'turnComplete']);
    expect(bench.messages.find(({ toolCallCancellation }) => toolCallCancellation)).toEqual({
      toolCallCancellation: { ids: [id] },
    });
    await bench.send(answerTool(id));
    await bench.clock.advance(20_000);
    expect(bench.said).not.toContain('sunny');
    expect(bench.closed).toBeUndefined();
  });

  it('that does not block ends the turn; its answer begins another when the model is idle', async () => {
    const bench = await started(weather());
    await bench.write('What is the weather in Paris?');
    await bench.until(({ kinds }) => kinds.includes('toolCall'));
    await bench.send(answerTool(callIds(bench)[0] ?? ''));
    await bench.until((each) => turnsEnded(each) === 2);
    const turn = ['audio', 'generationComplete', 'turnComplete'];
    expect(bench.kinds).toEqual(['toolCall', ...turn, ...turn]);
    expect(bench.said).toContain('It is sunny there.');
  });

  it.each([
    ['beside the response', { scheduling: 'INTERRUPT' }],
    ['inside of it', { response: { output: 'It is sunny there.', scheduling: 'INTERRUPTED' } }],
  ])('answered with INTERRUPT %s cuts the running turn short', async (_where, more) => {
    const bench = await started(weather());
    await bench.write('What is the weather in Paris?');
    await bench.until(({ kinds }) => kinds.at(-1) === 'turnComplete');
    await bench.write(LONG);
    await bench.until(({ said }) => said.length > 100);
    bench.forget();
    await bench.send(answerTool('', more));
    expect(bench.kinds).toEqual(['interrupted', 'turnComplete']);
    await bench.until((each) => turnsEnded(each) === 2);
    expect(bench.said).toContain('It is sunny there.');
  });

  it('answered with SILENT says nothing, and is known afterwards', async () => {
    const bench = await started(weather());
    await bench.write('What is the weather in Paris?');
    await bench.untilTurnComplete();
    bench.forget();
    await bench.send(answerTool('', { scheduling: 'SILENT' }));
    await bench.clock.advance(10_000);
    expect(bench.kinds).toEqual([]);
    await bench.write('Is it sunny?');
    await bench.untilTurnComplete();
    expect(bench.said).toContain('It is sunny there.');
  });

  it('may go on answering while willContinue is set, and not after', async () => {
    const bench = await started(weather());
    await bench.write('What is the weather in Paris?');
    await bench.untilTurnComplete();
    const [id = ''] = callIds(bench);
    for (const [willContinue, spoken] of [
      [true, true],
      [true, true],
      [false, true],
      [false, false],
    ] as const) {
      bench.forget();
      await bench.send(answerTool(id, { willContinue }));
      await bench.clock.advance(10_000);
      expect(bench.said.includes('sunny')).toBe(spoken);
    }
  });

  it('with an unknown id closes the session with 1008 when ids are strict', async () => {
    const bench = await started({}, { strictToolIds: true });
    await bench.send(answerTool('function-call-1'));
    expect(bench.closed).toEqual({ code: 1008, reason: 'Requested entity was not found.' });
  });
});
