import { NO_ACTIONS, type Event, type Part } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { splitUnanswered } from './unanswered.js';

let count = 0;
const event = (author: string, draft: Partial<Event>): Event => ({
  id: `evt_${++count}`,
  invocationId: 'e-1',
  author,
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const heard = (text: string): Event => event('user', { inputTranscription: { text, finished: true } });
const typed = (...parts: Part[]): Event => event('user', { content: { role: 'user', parts } });
const said = (text: string, author = 'a'): Event =>
  event(author, { outputTranscription: { text, finished: true } });
const end = (author = 'a'): Event => event(author, { turnComplete: true });
const cut = (author = 'a'): Event => event(author, { interrupted: true });
const call = (name: string): Event =>
  event('a', { content: { role: 'model', parts: [{ functionCall: { id: '1', name, args: {} } }] } });
const handOver = (): Event => event('a', { actions: { ...NO_ACTIONS, transferToAgent: 'b' } });

const unanswered = (...events: Event[]): string | undefined =>
  splitUnanswered(events)
    .unanswered?.parts.map(({ text }) => text)
    .join();

describe('splitUnanswered', () => {
  it('gives what was said and typed since the last answer, as one content (E15)', () => {
    const past = [heard('Hello?'), said('Hi.'), end()];
    const image = { inlineData: { mimeType: 'image/png', data: new Uint8Array(4) } };
    const open = [heard('What is this?'), typed({ text: 'the red one' }, image)];
    const split = splitUnanswered([...past, ...open]);
    expect(split.answered).toEqual(past);
    expect(split.unanswered).toEqual({
      role: 'user',
      parts: [{ text: 'What is this?\nthe red one' }, image],
    });
  });

  it('never gives what a turn has answered, in words, with a tool, or by keeping silent (E15)', () => {
    expect(unanswered(heard('Hello?'), said('Hi.'), end())).toBeUndefined();
    expect(unanswered(heard('Play music.'), call('play'), end())).toBeUndefined();
    expect(unanswered(heard('Not you!'), end())).toBeUndefined();
    expect(unanswered()).toBeUndefined();
  });

  it('gives the request to whoever takes over, whatever was said about the hand-over (G2)', () => {
    const question = heard('What do I owe?');
    const asides = [said('I connect you.'), call('transfer_to_agent'), handOver()];
    expect(unanswered(question, ...asides)).toBe('What do I owe?');
    expect(unanswered(question, ...asides, end('a'))).toBe('What do I owe?');
    expect(unanswered(question, ...asides, heard('Hello?'), said('One moment', 'a'))).toBe(
      'What do I owe?\nHello?',
    );
    expect(unanswered(question, ...asides, said('50 francs.', 'b'), end('b'))).toBeUndefined();
    expect(unanswered(heard('Hi'), said('Hi'), end(), question, handOver())).toBe('What do I owe?');
  });

  it('gives the request also when the turn ended while the call that hands over was under way (G2)', () => {
    const result = { id: '1', name: 'give_away', response: {} };
    const handsOver = event('a', {
      content: { role: 'user', parts: [{ functionResponse: result }] },
      actions: { ...NO_ACTIONS, transferToAgent: 'b' },
    });
    const turn = [heard('What do I owe?'), call('give_away'), end()];
    expect(unanswered(...turn, heard('Hello?'), handsOver)).toBe('What do I owe?\nHello?');
    expect(unanswered(...turn, handsOver, end('a'))).toBe('What do I owe?');
    expect(unanswered(...turn, heard('Hello?'), said('I am here.'), end(), handsOver)).toBeUndefined();
    expect(
      unanswered(...turn, event('a', { content: { role: 'user', parts: [{ functionResponse: result }] } })),
    ).toBeUndefined();
  });

  it('takes a request as answered once the agent goes on after a hand-over that led nowhere', () => {
    const led = [heard('Help!'), handOver(), end('a')];
    expect(unanswered(...led, said('I can not hand over.', 'a'), end('a'))).toBeUndefined();
  });

  it('keeps what was done for it in the past', () => {
    const [question, done] = [heard('Weather?'), call('weather')];
    const split = splitUnanswered([question, done]);
    expect(split.answered).toEqual([done]);
    expect(split.unanswered?.parts).toEqual([{ text: 'Weather?' }]);
  });

  it('takes an answer that was cut off for one, if anything of it was heard', () => {
    expect(unanswered(heard('Tell me a story.'), said('Once upon'), cut(), heard('No!'))).toBe('No!');
    expect(unanswered(heard('Tell me'), said(''), cut(), end(), heard('a story.'))).toBe('Tell me\na story.');
    expect(unanswered(heard('Tell me'), event('a', { interrupted: true, turnComplete: true }))).toBe(
      'Tell me',
    );
    expect(unanswered(heard('Tell me'), cut(), end(), said('Once.'), end())).toBeUndefined();
  });

  it('leaves open what was typed into a turn and cut it off, though it is stored before that turn', () => {
    const question = { ...typed({ text: 'And Rome?' }), timestamp: 10_000 };
    const cutOff = (timestamp: number): Event => ({ ...cut(), timestamp });
    const before = [typed({ text: 'How far is Paris?' }), question, said('Paris is')];
    expect(unanswered(...before, cutOff(10_200), end())).toBe('And Rome?');
    expect(unanswered(...before, cutOff(12_000), end())).toBeUndefined();
  });

  it('gives no more than 64 Ki characters, the newest', () => {
    const words = Array.from({ length: 10 }, (_, n) => heard(`${n} ${'x'.repeat(10_000)}`));
    expect(unanswered(...words)?.startsWith('4 x')).toBe(true);
  });
});
