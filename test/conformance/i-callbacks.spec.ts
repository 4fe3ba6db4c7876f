import { mediaOf } from '@parley/event';
import type { BasePlugin, BeforeModelCallback, LlmResponse } from '@parley/live';
import { describe, expect, it } from 'vitest';
import type { Conversation } from './support/conversation.js';
import { conversations } from './support/conversations.js';
import { caption, heard, resumption, turnComplete, voice } from './support/messages.js';

const conversation = conversations();

const refusal: LlmResponse = { content: { role: 'model', parts: [{ text: 'I will not talk about that.' }] } };
const textOf = (contents: readonly { readonly parts: readonly { readonly text?: string }[] }[]): string =>
  contents.flatMap(({ parts }) => parts.map(({ text }) => text ?? '')).join('');
const refuseBombs: BeforeModelCallback = ({ request }) =>
  textOf(request.contents).includes('bomb') ? refusal : undefined;

/** The second connection, and that it does not go on where the first one was. */
async function startedAnew(call: Conversation, handle: string): Promise<void> {
  const next = await call.connection(1);
  expect(next.setup['sessionResumption']).toEqual({});
  expect(JSON.stringify(next.setup)).not.toContain(handle);
  expect(await call.connections[0]?.ended()).toMatchObject({ code: 1000 });
  expect(await call.event({ liveSessionRestarted: {} })).toMatchObject({
    liveSessionRestarted: { reason: 'guardrail' },
  });
}

const ENDINGS = [
  { ending: 'well', end: (call: Conversation) => call.queue.close() },
  { ending: 'in an error', end: (call: Conversation) => call.model.hangUp(1007, 'invalid argument') },
  { ending: 'by abort', end: (call: Conversation) => call.abort() },
];

describe('I. Callbacks and guardrails', () => {
  it('I1 tells what beforeRun answers as the only event, and connects nothing', async () => {
    const plugin: BasePlugin = {
      name: 'closed',
      beforeRunCallback: () => ({ parts: [{ text: 'We are closed.' }] }),
    };
    const call = await conversation({ plugins: [plugin] });
    const events = await call.over();
    expect(events).toMatchObject([{ author: 'model', content: { parts: [{ text: 'We are closed.' }] } }]);
    expect(call.failure).toBeUndefined();
    expect(call.connections).toEqual([]);
  });

  it('I2 answers blocked text with an event that ends the turn, and sends nothing', async () => {
    const call = await conversation({ agentConfig: { beforeModelCallback: refuseBombs } });
    call.queue.sendContent({ parts: [{ text: 'How do I build a bomb?' }] });
    expect(await call.event(refusal)).toMatchObject({ author: 'greeter', turnComplete: true });
    call.queue.sendContent({ parts: [{ text: 'Then a birdhouse?' }] });
    expect(JSON.stringify(await call.model.received(1))).toContain('birdhouse');
    expect(JSON.stringify(call.model.messages)).not.toContain('bomb');
    expect(call.connections).toHaveLength(1);
  });

  it('I3 tells blocked speech and its refusal, drops the answer, and starts the session anew', async () => {
    const call = await conversation({ agentConfig: { beforeModelCallback: refuseBombs } });
    call.model.send(resumption('the-handle'));
    await call.event({ liveSessionResumptionUpdate: {} });
    call.model.send(heard('How do I build a bomb?', { finished: true }));
    call.model.send(caption('You take'), voice(), turnComplete());
    const blocked = await call.event(refusal);
    expect(blocked.turnComplete).toBe(true);
    await startedAnew(call, 'the-handle');
    const told = call.kinds;
    expect(told.indexOf('heard "How do I build a bomb?"')).toBeGreaterThanOrEqual(0);
    expect(told.indexOf('heard "How do I build a bomb?"')).toBeLessThan(call.events.indexOf(blocked));
    expect(told.filter((kind) => kind === 'audio' || kind.includes('said'))).toEqual([]);
    call.model.send(caption('Hello again.'), turnComplete());
    await call.event({ outputTranscription: { text: 'Hello again.', finished: true } });
    await call.end();
    const stored = JSON.stringify(await call.stored());
    expect(stored).toContain('I will not talk about that.');
    expect(stored).not.toContain('You take');
  });

  it('I4 looks at all that the model has said, purges what waits, and starts the session anew', async () => {
    const seen: string[] = [];
    const call = await conversation({
      agentConfig: {
        afterModelCallback: ({ response }) => {
          seen.push(textOf(response.content ? [response.content] : []));
          return seen.at(-1)?.includes('is 42') ? refusal : undefined;
        },
      },
    });
    const resume = call.pauseReading();
    call.model.send(resumption('the-handle'));
    await call.event({ liveSessionResumptionUpdate: {} });
    call.model.send(caption('The secret'), voice(40, 1), voice(40, 1), caption(' is 42'), voice(40, 2));
    const next = await call.connection(1);
    resume();
    const blocked = await call.event(refusal);
    expect(blocked.turnComplete).toBe(true);
    await startedAnew(call, 'the-handle');
    expect(seen.at(-1)).toBe('The secret is 42');
    expect(call.events.filter((event) => mediaOf(event))).toEqual([]);
    const cut = call.events.findIndex((event) => event.interrupted);
    expect(call.events.slice(cut, cut + 2)).toMatchObject([{ interrupted: true }, refusal]);
    next.send(caption('Hello again.'), turnComplete());
    await call.event({ outputTranscription: { text: 'Hello again.', finished: true } });
    await call.end();
    const stored = JSON.stringify(await call.stored());
    expect(stored).toContain('I will not talk about that.');
    expect(stored).not.toContain('The secret');
    expect(stored).not.toContain('is 42');
  });

  it('I5 tells and stores what onEvent makes of an event, as the same event', async () => {
    const given: { id: string; invocationId: string; timestamp: number }[] = [];
    const plugin: BasePlugin = {
      name: 'polite',
      onEventCallback: ({ event }) => {
        if (!event.outputTranscription?.finished) return undefined;
        given.push({ id: event.id, invocationId: event.invocationId, timestamp: event.timestamp });
        const outputTranscription = { text: `${event.outputTranscription.text}, please`, finished: true };
        return { ...event, id: 'forged', invocationId: 'e-forged', timestamp: 1, outputTranscription };
      },
    };
    const call = await conversation({ plugins: [plugin] });
    call.model.send(caption('Sit down'), turnComplete());
    const told = await call.event({ outputTranscription: { text: 'Sit down, please' } });
    expect(told).toMatchObject(given[0] ?? {});
    expect(given).toHaveLength(1);
    await call.end();
    const stored = (await call.stored()).filter((event) => event.outputTranscription);
    expect(stored).toEqual([told]);
  });

  it.each(ENDINGS)('I6 calls afterRun once for a run that ends $ending', async ({ ending, end }) => {
    let calls = 0;
    const plugin: BasePlugin = { name: 'counter', afterRunCallback: () => void (calls += 1) };
    const call = await conversation({ plugins: [plugin] });
    expect(calls).toBe(0);
    end(call);
    await call.over();
    expect(calls).toBe(1);
    await call.close();
    expect(calls).toBe(1);
    expect(call.events.some((event) => event.errorCode)).toBe(ending === 'in an error');
  });

  it('I6 calls afterRun once for a run that never reached its model', async () => {
    let calls = 0;
    const plugin: BasePlugin = { name: 'counter', afterRunCallback: () => void (calls += 1) };
    const call = await conversation({ plugins: [plugin], scenario: 'there-is-none' });
    await call.over();
    expect(calls).toBe(1);
  });
});
