import { functionCallsOf, type Content } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import type { BasePlugin } from '../plugin/base-plugin.js';
import { agent, AsyncScene, key, scene, textOf } from '../testing/async-scene.js';
import { calls, delta, says, ScriptedLlm } from '../testing/scripted-llm.js';
import { FunctionTool } from '../tool/function-tool.js';
import type { LiveFact } from './live-observer.js';

const weather = new FunctionTool({ name: 'weather', description: 'w', execute: () => ({ sky: 'blue' }) });

describe('runAsync', () => {
  it('stores the message of the user without yielding it, and yields and stores the answer', async () => {
    const talk = await scene({}, new ScriptedLlm([says('Hello.')]));
    const events = await talk.run('Hi');
    expect(events.map(({ author }) => author)).toEqual(['root']);
    expect(events[0]).toMatchObject({
      partial: false,
      seq: 1,
      content: { role: 'model', parts: [{ text: 'Hello.' }] },
    });
    const stored = await talk.stored();
    expect(stored.map(({ author }) => author)).toEqual(['user', 'root']);
    expect(stored[0]?.content).toEqual({ role: 'user', parts: [{ text: 'Hi' }] });
    expect(new Set(stored.map(({ invocationId }) => invocationId)).size).toBe(1);
    expect(stored[0]?.invocationId).toMatch(/^e-/);
  });

  it('asks without streaming by default, and with it in SSE, where deltas are yielded but not stored', async () => {
    const talk = await scene({}, new ScriptedLlm([says('a')], [delta('Hel'), delta('lo'), says('Hello')]));
    await talk.run('one');
    const events = await talk.run('two', { runConfig: { streamingMode: 'SSE' } });
    expect(talk.llm.streamed).toEqual([false, true]);
    expect(events.map((event) => [textOf(event), event.partial])).toEqual([
      ['Hel', true],
      ['lo', true],
      ['Hello', false],
    ]);
    expect((await talk.stored()).map(textOf)).toEqual(['one', 'a', 'two', 'Hello']);
  });

  it('tells the model instructions, tools, generation parameters and the conversation, and nothing of speech', async () => {
    const talk = await scene(
      { tools: [weather], model: 'gemini-x' },
      new ScriptedLlm([says('1')], [says('2')]),
    );
    await talk.run('first');
    await talk.run('second', {
      runConfig: {
        responseModalities: ['AUDIO'],
        temperature: 0.5,
        thinkingConfig: { thinkingBudget: 0 },
        speechConfig: { languageCode: 'de-DE' },
      },
    });
    const [, request] = talk.llm.requests;
    expect(request?.model).toBe('gemini-x');
    expect(request?.systemInstruction).toContain('I am root.');
    expect(request?.tools).toEqual([expect.objectContaining({ name: 'weather' })]);
    expect(request?.config).toEqual({ temperature: 0.5, thinkingConfig: { thinkingBudget: 0 } });
    expect(request?.contents).toEqual([
      { role: 'user', parts: [{ text: 'first' }] },
      { role: 'model', parts: [{ text: '1' }] },
      { role: 'user', parts: [{ text: 'second' }] },
    ]);
  });

  it('ends with an error event when the model is called too often', async () => {
    const llm = new ScriptedLlm([calls(['a', 'weather'])], [calls(['b', 'weather'])], [says('never')]);
    const talk = await scene({ tools: [weather] }, llm);
    const events = await talk.run('go', { runConfig: { maxLlmCalls: 2 } });
    expect(events.at(-1)).toMatchObject({
      author: 'root',
      errorCode: 'max_turns',
      errorDetails: { retryable: false },
    });
    expect(llm.requests).toHaveLength(2);
  });

  it('makes an event of an error of the model, and ends without throwing', async () => {
    const quota = new ParleyError('provider_quota', 'Used up.', { retryable: true });
    const told: (Error | undefined)[] = [];
    const plugin: BasePlugin = { name: 'p', afterRunCallback: ({ error }) => void told.push(error) };
    const talk = await scene({}, new ScriptedLlm(quota), plugin);
    expect(await talk.run('go')).toMatchObject([
      {
        author: 'root',
        errorCode: 'provider_quota',
        errorMessage: 'Used up.',
        errorDetails: { scope: 'turn', retryable: true },
      },
    ]);
    expect(told).toEqual([quota]);
    expect((await talk.stored()).at(-1)?.errorCode).toBe('provider_quota');
  });

  it('tells why a model would not answer', async () => {
    const talk = await scene(
      {},
      new ScriptedLlm([{ errorCode: 'SAFETY', finishReason: 'SAFETY', partial: false }]),
    );
    expect(await talk.run('go')).toMatchObject([
      { errorCode: 'SAFETY', errorMessage: 'SAFETY', finishReason: 'SAFETY' },
    ]);
  });

  it('ends at once when the signal aborts while the model thinks, and aborts the model', async () => {
    const abort = new AbortController();
    const talk = await scene({}, new ScriptedLlm('hang'));
    const running = talk.run('go', { signal: abort.signal });
    await expect.poll(() => talk.llm.hanging.length).toBe(1);
    abort.abort();
    expect(await running).toEqual([]);
    expect(talk.llm.hanging[0]?.aborted).toBe(true);
    expect((await talk.stored()).map(({ author }) => author)).toEqual(['user']);
  });

  it('does nothing when the signal had aborted before', async () => {
    const talk = await scene({}, new ScriptedLlm());
    expect(await talk.run('go', { signal: AbortSignal.abort() })).toEqual([]);
    expect(await talk.stored()).toEqual([]);
  });

  it('stops when the reader stops, and tells the plugins once', async () => {
    let ended = 0;
    const plugin: BasePlugin = { name: 'p', afterRunCallback: () => void ++ended };
    const talk = await scene({ tools: [weather] }, new ScriptedLlm([calls(['a', 'weather'])]), plugin);
    for await (const event of talk.events('go')) {
      expect(functionCallsOf(event)).toHaveLength(1);
      break;
    }
    expect(ended).toBe(1);
    expect(talk.llm.requests).toHaveLength(1);
  });

  it.each<[string, Content]>([
    ['no parts', { parts: [] }],
    ['function calls', { parts: [{ functionCall: { id: '', name: 'x', args: {} } }] }],
  ])('refuses a message with %s', async (_what, message) => {
    const talk = await scene({}, new ScriptedLlm());
    await expect(talk.run(message)).rejects.toMatchObject({ code: 'invalid_message' });
    expect(await talk.stored()).toEqual([]);
  });

  it('refuses a session that does not exist', async () => {
    const talk = new AsyncScene(agent('root'), new ScriptedLlm());
    await expect(talk.run('go')).rejects.toMatchObject({ code: 'session_not_found' });
  });

  it('ends when a cap of the run is reached, with an event that names it', async () => {
    const usage = { usageMetadata: { totalTokenCount: 900 } };
    const talk = await scene(
      { tools: [weather] },
      new ScriptedLlm([{ ...calls(['a', 'weather']), ...usage }]),
    );
    const events = await talk.run('go', { runConfig: { maxTokens: 500 } });
    expect(events.at(-1)).toMatchObject({ errorCode: 'budget_spent' });
    expect((await talk.stored()).at(-1)).toMatchObject({ errorCode: 'budget_spent' });
  });

  it('counts the usage of a call of the model once', async () => {
    const facts: LiveFact[] = [];
    const piece = { ...delta('a'), usageMetadata: { totalTokenCount: 3 } };
    const talk = await scene(
      {},
      new ScriptedLlm([piece, says('ab', { usageMetadata: { totalTokenCount: 7 } })]),
    );
    const events = await talk.run('go', {
      observer: (fact) => facts.push(fact),
      runConfig: { streamingMode: 'SSE' },
    });
    expect(facts).toEqual([
      { kind: 'usage', agentName: 'root', model: 'scripted-llm', usage: { totalTokenCount: 7 } },
    ]);
    expect(events.map(({ usageMetadata }) => usageMetadata?.totalTokenCount)).toEqual([undefined, 7]);
  });

  it('takes the state that comes with the message, and gives instructions what is in it', async () => {
    const talk = await scene({ instruction: 'Say {word}.' }, new ScriptedLlm([says('ok')]));
    await talk.run('go', { stateDelta: { word: 'please' }, invocationId: 'e-mine' });
    expect(talk.llm.requests[0]?.systemInstruction).toContain('Say please.');
    expect((await talk.sessions.getSession(key))?.state).toEqual({ word: 'please' });
    expect((await talk.stored()).map(({ invocationId }) => invocationId)).toEqual(['e-mine', 'e-mine']);
  });

  it('keeps the last words of a turn under the output key', async () => {
    const said = {
      content: { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'Four.' }] },
      partial: false,
    } as const;
    const talk = await scene({ outputKey: 'sum' }, new ScriptedLlm([delta('Fo'), said]));
    await talk.run('2+2');
    expect((await talk.sessions.getSession(key))?.state).toEqual({ sum: 'Four.' });
  });

  it('tells the model things in the order in which they were said when an invocation goes on', async () => {
    const talk = await scene({}, new ScriptedLlm([says('1')], [says('2')]));
    await talk.run('first', { invocationId: 'e-same' });
    await talk.run('second', { invocationId: 'e-same' });
    const told = talk.llm.requests[1]?.contents.map(({ parts }) => parts[0]?.text);
    expect(told).toEqual(['first', '1', 'second']);
  });

  it('shows the model media of the message that the session does not keep', async () => {
    const talk = await scene({}, new ScriptedLlm([says('Nice.')]));
    const inlineData = { mimeType: 'audio/wav', data: Uint8Array.of(1, 2) };
    await talk.run({ parts: [{ inlineData }] });
    expect(talk.llm.requests[0]?.contents).toEqual([{ role: 'user', parts: [{ inlineData }] }]);
    expect((await talk.stored()).map(({ author }) => author)).toEqual(['root']);
  });

  it('shows the model what the run adds for its eyes only, before the message', async () => {
    const talk = await scene({}, new ScriptedLlm([says('ok')]));
    await talk.run('go', { runConfig: { modelInputContext: [{ parts: [{ text: 'hint' }] }] } });
    expect(talk.llm.requests[0]?.contents.map(({ parts }) => parts[0]?.text)).toEqual(['hint', 'go']);
    expect(await talk.stored()).toHaveLength(2);
  });
});
