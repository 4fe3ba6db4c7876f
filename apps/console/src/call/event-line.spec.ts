import { NO_ACTIONS, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { describeEvent } from './event-line.js';

const line = (fields: Partial<Event>): string => {
  const event: Event = {
    id: 'e',
    invocationId: 'i',
    author: 'agent',
    timestamp: 1,
    actions: NO_ACTIONS,
    ...fields,
  };
  const { kind, summary, tone } = describeEvent(event);
  return `${tone} ${kind}: ${summary}`;
};

describe('describeEvent', () => {
  it('says in a word and a line what an event is about', () => {
    expect([
      line({ author: 'user', inputTranscription: { text: 'Hello', finished: true } }),
      line({ content: { parts: [{ functionCall: { id: 'c', name: 'look', args: { at: 1 } } }] } }),
      line({ content: { parts: [{ functionResponse: { id: 'c', name: 'look', response: { ok: true } } }] } }),
      line({ content: { parts: [{ text: 'Hi' }] } }),
      line({ interrupted: true, turnComplete: true }),
      line({ turnComplete: true }),
      line({ usageMetadata: { totalTokenCount: 12 } }),
      line({ actions: { ...NO_ACTIONS, stateDelta: { mood: 'good' } } }),
      line({ errorCode: 'SAFETY', errorMessage: 'No.' }),
      line({}),
    ]).toEqual([
      'user transcription: Hello',
      'tool tool call: look {"at":1}',
      'tool tool result: look {"ok":true}',
      'agent text: Hi',
      'control interrupted: ',
      'control turn complete: ',
      'control usage: 12 tokens',
      'control state: mood',
      'error error: No.',
      'control event: ',
    ]);
  });
});
