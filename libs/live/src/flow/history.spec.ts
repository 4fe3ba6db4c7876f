import { NO_ACTIONS, type Event, type Part } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { historyOf } from './history.js';

let count = 0;
const event = (author: string, draft: Partial<Event>): Event => ({
  id: `evt_${++count}`,
  invocationId: 'e-1',
  author,
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const heard = (text: string): Event =>
  event('user', { inputTranscription: { text, finished: true }, partial: false });
const said = (text: string, author = 'greeter'): Event =>
  event(author, { outputTranscription: { text, finished: true }, partial: false });
const wrote = (author: string, ...parts: Part[]): Event =>
  event(author, { content: { role: author === 'user' ? 'user' : 'model', parts } });
const image = (bytes = 8): Part => ({ inlineData: { mimeType: 'image/png', data: new Uint8Array(bytes) } });
const texts = (events: readonly Event[]): (string | undefined)[] =>
  historyOf(events).map(({ parts }) => parts[0]?.text);

describe('historyOf', () => {
  it('merges the transcripts of one speaker, and tells what agents said as context (E16)', () => {
    const events = [
      heard('Hello.'),
      heard('I am Alice.'),
      said('Hi Alice.'),
      said('How are you?'),
      heard('Fine.'),
    ];
    expect(historyOf(events)).toEqual([
      { role: 'user', parts: [{ text: 'Hello.\nI am Alice.' }] },
      { role: 'user', parts: [{ text: 'For context:\n[greeter] said: Hi Alice. How are you?' }] },
      { role: 'user', parts: [{ text: 'Fine.' }] },
    ]);
  });

  it('leaves out audio, files, deltas and what is empty (E16)', () => {
    const audio = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array(8) } };
    const file = { fileData: { fileUri: 'artifact://a/u/s/x.wav#0', mimeType: 'audio/wav' } };
    const delta = event('greeter', { outputTranscription: { text: 'Hi', finished: false }, partial: true });
    const events = [
      wrote('user', audio),
      wrote('greeter', audio, file),
      delta,
      said('  '),
      event('greeter', { turnComplete: true }),
    ];
    expect(historyOf(events)).toEqual([]);
    expect(texts([wrote('user', audio, { text: 'typed' }, file)])).toEqual(['typed']);
  });

  it('tells calls and results, and who of several agents said what', () => {
    const call = { functionCall: { id: '1', name: 'look_up', args: { city: 'Zürich' } } };
    const result = { functionResponse: { id: '1', name: 'look_up', response: { degrees: 7 } } };
    const events = [
      wrote('greeter', { text: 'Let me look.' }, call),
      wrote('greeter', result),
      said('7 degrees.', 'guide'),
    ];
    expect(texts(events)).toEqual([
      [
        'For context:',
        '[greeter] said: Let me look.',
        '[greeter] called tool `look_up` with parameters: {"city":"Zürich"}',
        '[greeter] `look_up` tool returned result: {"degrees":7}',
        '[guide] said: 7 degrees.',
      ].join('\n'),
    ]);
  });

  it("tells thoughts only when asked to, and never the agent's own", () => {
    const events = [
      wrote('greeter', { text: 'mine', thought: true }),
      wrote('guide', { text: 'hers', thought: true }, { text: 'Hello.' }),
    ];
    expect(texts(events)).toEqual(['For context:\n[guide] said: Hello.']);
    const told = historyOf(events, { includeThoughts: true, agentName: 'greeter' });
    expect(told[0]?.parts[0]?.text).toBe('For context:\n[guide] thought: hers\n[guide] said: Hello.');
  });

  it('tells a branch what happened on it and on those it came from', () => {
    const on = (branch: string | undefined, text: string): Event => ({
      ...heard(text),
      ...(branch ? { branch } : {}),
    });
    const events = [on(undefined, '1'), on('a', '2'), on('a.b', '3'), on('a.bc', '4'), on('x', '5')];
    const told = (branch?: string): unknown =>
      historyOf(events, branch === undefined ? {} : { branch })[0]?.parts[0]?.text;
    expect([told('a.b'), told('a'), told()]).toEqual(['1\n2\n3', '1\n2', '1\n2\n3\n4\n5']);
  });

  it('shows the newest four pictures of the user, of 1 MiB together', () => {
    const shown = (sizes: number[]): number[] =>
      historyOf(sizes.map((bytes) => wrote('user', image(bytes), { text: 'look' })))
        .flatMap(({ parts }) => parts)
        .flatMap(({ inlineData }) => (inlineData ? [inlineData.data.byteLength] : []));
    expect(shown([1, 2, 3, 4, 5, 6])).toEqual([3, 4, 5, 6]);
    expect(shown([1, 600_000, 500_000])).toEqual([500_000]);
    expect(historyOf([wrote('user', image(2_000_000)), said('What is it?')])).toHaveLength(1);
    expect(historyOf([wrote('greeter', image())])).toEqual([]);
  });

  it('keeps the newest 200 contents, and begins with the user', () => {
    const talk = Array.from({ length: 300 }, (_, n) => [heard(`question ${n}`), said(`answer ${n}`)]).flat();
    const told = texts(talk);
    expect([told.length, told[0], told.at(-1)]).toEqual([
      200,
      'question 200',
      'For context:\n[greeter] said: answer 299',
    ]);
    expect(texts(talk.slice(0, -1))).toHaveLength(199);
    expect(texts(talk.slice(0, -1))[0]).toBe('question 200');
  });

  it('keeps the newest 256 Ki characters, and of one message 32 Ki', () => {
    const long = (n: number): Event => heard(`${n} ${'x'.repeat(20_000)}`);
    const talk = Array.from({ length: 40 }, (_, n) => [long(n), said('Yes.')]).flat();
    const told = texts(talk);
    const chars = told.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    expect(told.length).toBe(26);
    expect(chars).toBeLessThan(256 * 1024 + 1_000);
    expect(told[0]?.startsWith('27 x')).toBe(true);
    const cut = texts([heard(`${'x'.repeat(32 * 1024 - 1)}𝄞${'x'.repeat(100_000)}`)])[0];
    expect(cut).toHaveLength(32 * 1024 - 1 + ' … (cut)'.length);
  });
});
