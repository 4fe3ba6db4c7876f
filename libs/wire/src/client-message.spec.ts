import { ParleyError } from '@parley/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClientMessage } from './client-message.js';

function codeOf(json: string): string {
  try {
    parseClientMessage(json);
    return 'accepted';
  } catch (error) {
    return error instanceof ParleyError ? error.code : 'thrown';
  }
}

describe('parseClientMessage', () => {
  it('reads what a client may say', () => {
    expect(parseClientMessage('{"type":"text","text":"hi","id":"1"}')).toEqual({
      type: 'text',
      text: 'hi',
      id: '1',
    });
    expect(parseClientMessage('{"type":"hello","token":"t"}')).toEqual({ type: 'hello', v: 1, token: 't' });
    expect(parseClientMessage('{"type":"ping","t":5,"later":"field"}')).toEqual({ type: 'ping', t: 5 });
  });

  it('takes a hello with a token or with what it resumes, not with both', () => {
    const resume = { token: 'r', seq: 7, played: { turn: 2, ms: 340 }, seen: ['e1'] };
    expect(parseClientMessage(JSON.stringify({ type: 'hello', resume }))).toEqual({
      type: 'hello',
      v: 1,
      resume,
    });
    expect(codeOf('{"type":"hello"}')).toBe('invalid_message');
    expect(codeOf(JSON.stringify({ type: 'hello', token: 't', resume }))).toBe('invalid_message');
    expect(codeOf(JSON.stringify({ type: 'hello', resume: { token: 'r', seq: -1 } }))).toBe(
      'invalid_message',
    );
  });

  it('takes base64 in both alphabets, with padding or without', () => {
    for (const data of ['+/8=', '-_8', '-_8=']) {
      const message = parseClientMessage(JSON.stringify({ type: 'image', mimeType: 'image/png', data }));
      expect(message.type === 'image' && [...message.data]).toEqual([251, 255]);
    }
  });

  it('names what is wrong', () => {
    expect(codeOf('{"type":')).toBe('malformed_json');
    expect(codeOf('null')).toBe('unknown_type');
    expect(codeOf('{"type":"dance"}')).toBe('unknown_type');
    expect(codeOf('{"type":"constructor"}')).toBe('unknown_type');
    expect(codeOf('{"type":"text"}')).toBe('invalid_message');
    expect(codeOf('{"type":"text","text":""}')).toBe('invalid_message');
    expect(codeOf('{"type":"audio","data":"***"}')).toBe('invalid_message');
    expect(codeOf('{"type":"image","mimeType":"image/gif","data":""}')).toBe('invalid_message');
  });

  it('never throws anything but a ParleyError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        expect(codeOf(json)).not.toBe('thrown');
      }),
    );
  });
});
