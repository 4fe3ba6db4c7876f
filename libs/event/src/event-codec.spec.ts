import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { eventFromJson, eventToJson } from './event-codec.js';
import { isDurable, NO_ACTIONS, type Event } from './event.js';

const EVENT: Event = {
  id: 'evt_1',
  invocationId: 'e-1',
  author: 'agent',
  timestamp: 1_700_000_000_000,
  actions: NO_ACTIONS,
};
const AUDIO = { mimeType: 'audio/pcm;rate=24000', data: new Uint8Array([251, 255, 0]) };

describe('the JSON of an event', () => {
  it('carries media as standard base64 and comes back as bytes', () => {
    const event: Event = { ...EVENT, content: { role: 'model', parts: [{ inlineData: AUDIO }] } };
    const json: unknown = JSON.parse(JSON.stringify(eventToJson(event)));
    expect(json).toMatchObject({ content: { parts: [{ inlineData: { data: '+/8A' } }] } });
    const back = eventFromJson(json).content?.parts[0]?.inlineData?.data;
    expect(back && [...back]).toEqual([...AUDIO.data]);
  });

  it('carries the media of a function response, too', () => {
    const functionResponse = { id: '1', name: 'draw', response: {}, parts: [{ inlineData: AUDIO }] };
    const event: Event = { ...EVENT, content: { role: 'user', parts: [{ functionResponse }] } };
    const back = eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))));
    const data = back.content?.parts[0]?.functionResponse?.parts?.[0]?.inlineData?.data;
    expect(data && [...data]).toEqual([...AUDIO.data]);
  });

  it('keeps calls, responses, transcriptions and fields that this version does not know', () => {
    const event = {
      ...EVENT,
      content: { role: 'model', parts: [{ functionCall: { id: '1', name: 'f', args: { a: 1 } } }] },
      inputTranscription: { text: 'hi', finished: true },
      later: { field: 1 },
    };
    expect(eventFromJson(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  it('names the field that is wrong', () => {
    expect(() => eventFromJson({ ...EVENT, author: 7 })).toThrow(ParleyError);
    expect(() => eventFromJson({ ...EVENT, author: 7 })).toThrow('author');
  });
});

describe('isDurable', () => {
  it('leaves out deltas and media', () => {
    expect(isDurable(EVENT)).toBe(true);
    expect(isDurable({ ...EVENT, partial: true })).toBe(false);
    expect(isDurable({ ...EVENT, partial: false })).toBe(true);
    expect(isDurable({ ...EVENT, content: { parts: [{ inlineData: AUDIO }] } })).toBe(false);
  });
});
