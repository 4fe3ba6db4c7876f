import { NO_ACTIONS, type Event, type Part } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { contentsOf } from './content-history.js';

let ids = 0;

function event(author: string, more: Partial<Event>): Event {
  return { id: `evt_${++ids}`, invocationId: 'e-1', author, timestamp: 0, actions: NO_ACTIONS, ...more };
}

function said(author: string, ...parts: Part[]): Event {
  return event(author, { content: { role: author === 'user' ? 'user' : 'model', parts } });
}

function call(id: string, name = 'f'): Part {
  return { functionCall: { id, name, args: {} } };
}

function response(id: string, result: unknown, more: object = {}): Part {
  return { functionResponse: { id, name: 'f', response: { result }, ...more } };
}

function told(events: readonly Event[], includeContents: 'default' | 'none' = 'default'): readonly string[] {
  const options = { agentName: 'me', includeContents, includeThoughtsFromOtherAgents: false };
  return contentsOf(events, options).map(({ role, parts }) => `${role}: ${parts.map(shown).join(' + ')}`);
}

function shown({ text, functionCall, functionResponse, inlineData }: Part): string {
  if (functionCall) return `call ${functionCall.id}`;
  if (functionResponse) {
    const { result, status } = functionResponse.response;
    return `${functionResponse.id}=${String(result ?? status)}`;
  }
  return inlineData ? inlineData.mimeType : (text ?? '');
}

describe('contentsOf', () => {
  it('leaves the words of the agent with the model and makes context of those of others', () => {
    const events = [
      said('user', { text: 'hi' }),
      said('me', { text: 'hello' }),
      said('other', { text: 'hey' }, call('x')),
    ];
    expect(told(events)).toEqual([
      'user: hi',
      'model: hello',
      'user: For context: + [other] said: hey + [other] called tool `f` with parameters: {}',
    ]);
  });

  it('takes what was heard and said in live conversations for text', () => {
    const events = [
      event('user', { inputTranscription: { text: ' hi ', finished: true }, partial: false }),
      event('me', { outputTranscription: { text: 'hello', finished: true }, partial: false }),
      event('me', { turnComplete: true }),
      said('user', { text: 'again' }),
    ];
    expect(told(events)).toEqual(['user: hi', 'model: hello', 'user: again']);
  });

  it('answers calls in call order, right after them, with the newest answer to each', () => {
    const events = [
      said('user', { text: 'go' }),
      said('me', { text: 'wait' }),
      said('me', call('a'), call('b')),
      said('me', response('b', 1)),
      said('me', response('a', 2)),
      said('me', response('b', 3)),
    ];
    expect(told(events)).toEqual(['user: go', 'model: wait + call a + call b', 'user: a=2 + b=3']);
  });

  it('stands in for an answer that has not come when something else was said', () => {
    const events = [said('user', { text: 'go' }), said('me', call('a')), said('user', { text: 'well?' })];
    expect(told(events)).toEqual([
      'user: go',
      'model: call a',
      'user: a=There is no result yet.',
      'user: well?',
    ]);
  });

  it('tells a late answer where it came, with its call before it', () => {
    const events = [
      said('user', { text: 'go' }),
      said('me', call('a')),
      said('me', response('a', 'soon')),
      said('me', { text: 'It takes a while.' }),
      said('user', response('a', 'there')),
    ];
    expect(told(events)).toEqual([
      'user: go',
      'model: call a',
      'user: a=soon',
      'model: It takes a while. + call a',
      'user: a=there',
    ]);
  });

  it('makes context of late pieces of something that streamed, and of answers to unknown calls', () => {
    const events = [
      said('user', { text: 'go' }),
      said('me', call('a')),
      said('me', response('a', 'on')),
      said('me', { text: 'ok' }),
      said('me', response('a', 'piece', { willContinue: true })),
      said('user', response('gone', 'x')),
    ];
    expect(told(events).slice(4)).toEqual([
      'user: For context: + [me] `f` tool returned result: {"result":"piece"}',
      'user: For context: + [me] `f` tool returned result: {"result":"x"}',
    ]);
  });

  it('leaves out deltas, thoughts, empty words and questions to people', () => {
    const events = [
      said('user', { text: 'go' }),
      event('me', { content: { role: 'model', parts: [{ text: 'o' }] }, partial: true }),
      said('me', { text: 'hm', thought: true }, { text: '' }, { text: 'ok' }),
      said('me', call('q', 'adk_request_confirmation')),
      said(
        'user',
        { functionResponse: { id: 'q', name: 'adk_request_confirmation', response: {} } },
        { text: 'yes' },
      ),
    ];
    expect(told(events)).toEqual(['user: go', 'model: ok', 'user: yes']);
  });

  it('begins and ends with the user', () => {
    expect(told([])).toEqual(['user: Handle the requests as specified in the System Instruction.']);
    expect(told([said('me', { text: 'hello' })])).toEqual([
      'user: The conversation began earlier.',
      'model: hello',
      expect.stringMatching(/^user: Continue processing/),
    ]);
  });

  it('tells an agent without history the present turn only, with the call that is answered in it', () => {
    const picture = { inlineData: { mimeType: 'image/png', data: Uint8Array.of(1) } };
    const past = [said('user', { text: 'old' }), said('me', call('a'))];
    expect(told([...past, said('user', { text: 'new' }, picture), said('me', call('b'))], 'none')).toEqual([
      'user: new + image/png',
      'model: call b',
      'user: b=There is no result yet.',
    ]);
    expect(told([...past, said('user', response('a', 1))], 'none')).toEqual([
      'user: The conversation began earlier.',
      'model: call a',
      'user: a=1',
    ]);
  });
});
