import { describe, expect, it } from 'vitest';
import { orderOf, readHeard } from './heard-message.js';

const read = (message: object) => readHeard(JSON.stringify(message, null, 2), true, 0);

describe('a message of the server', () => {
  it('names all that is in it, in its order, unknown fields by their own name', () => {
    const message = read({
      serverContent: {
        modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: 'AAAA' } }] },
        turnComplete: true,
        somethingNew: 1,
      },
      usageMetadata: { promptTokenCount: 3 },
    });
    expect(message?.kinds).toEqual(['audio', 'turnComplete', 'somethingNew', 'usage']);
  });

  it('tells how long its audio is, by the rate of its type', () => {
    const data = Buffer.alloc(9_600).toString('base64');
    const audio = (mimeType: string) =>
      read({ serverContent: { modelTurn: { parts: [{ inlineData: { mimeType, data } }] } } })?.audioMs;
    expect(audio('audio/pcm')).toBe(200);
    expect(audio('audio/pcm;rate=16000')).toBe(300);
    expect(audio('image/png')).toBe(0);
  });

  it('counts tokens in the words of both services', () => {
    const details = [{ modality: 'AUDIO', tokenCount: 5 }];
    expect(
      read({ usageMetadata: { candidatesTokenCount: 2, totalTokenCount: '7', promptTokensDetails: details } })
        ?.usage,
    ).toMatchObject({ response: 2, total: 7, promptDetails: new Map([['AUDIO', 5]]) });
  });

  it('tells handles, times left and calls', () => {
    expect(read({ sessionResumptionUpdate: {} })).toMatchObject({
      kinds: ['notResumable'],
      resumption: { handle: '', resumable: false },
    });
    expect(read({ goAway: { timeLeft: '9.5s' } })?.timeLeftMs).toBe(9_500);
    expect(read({ toolCall: { functionCalls: [{ id: '1', name: 'f', args: {} }] } })?.calls).toEqual([
      { id: '1', name: 'f' },
    ]);
  });

  it('is none when it is not an object', () => {
    for (const frame of ['{', 'null', '[]', '3']) expect(readHeard(frame, false, 0)).toBeUndefined();
  });

  it('is shown with others in its order, streams beside each other as one', () => {
    const audio = read({
      serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm' } }] } },
    });
    const end = read({ serverContent: { turnComplete: true } });
    const caption = read({ serverContent: { outputTranscription: { text: 'a' } } });
    const all = [audio, caption, audio, end, end].filter((each) => each !== undefined);
    expect(orderOf(all)).toBe('audio + outputTranscription → turnComplete');
    expect(orderOf([])).toBe('nothing');
  });
});
