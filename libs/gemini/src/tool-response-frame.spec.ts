import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from './capabilities.js';
import { SdkClient } from './sdk-client.js';
import { toolResponseFrame } from './tool-response-frame.js';

const LATEST = capabilitiesOf('gemini-3.8-live');
const RESULT = {
  id: 'c-1',
  name: 'f',
  response: { output: [1, 'ä'] },
  scheduling: 'SILENT',
  willContinue: true,
} as const;
const IMAGE = { inlineData: { mimeType: 'image/png', data: Uint8Array.of(255) } };
const FILE = { fileData: { fileUri: 'gs://b/f', mimeType: 'text/plain' } };
const OWN_FILE = { fileData: { fileUri: 'artifact://a/u/s/f#0' } };

function read(...args: Parameters<typeof toolResponseFrame>): unknown {
  const { text, droppedMedia } = toolResponseFrame(...args);
  const { toolResponse } = JSON.parse(text) as { toolResponse: { functionResponses: unknown[] } };
  return { sent: toolResponse.functionResponses, droppedMedia };
}

describe('toolResponseFrame', () => {
  it("is the SDK's own, byte for byte", async () => {
    const sent: string[] = [];
    const client = new SdkClient({ kind: 'emulated', baseUrl: 'http://127.0.0.1/check' });
    const session = await client
      .liveThrough({
        create: (_url, _headers, callbacks) => ({
          connect: () => callbacks.onopen(),
          send: (text: string) => {
            sent.push(text);
            if (sent.length === 1) callbacks.onmessage({ data: '{"setupComplete":{}}' });
          },
          close: () => undefined,
        }),
      })
      .connect({ model: 'check', callbacks: { onmessage: () => undefined } });
    const { id, name, response } = RESULT;
    session.sendToolResponse({ functionResponses: [{ id, name, response }] });
    expect(toolResponseFrame([{ id, name, response }], LATEST, false).text).toBe(sent[1]);
  });

  it('answers a call that came without an id without one (A9)', () => {
    const responses = [RESULT, { id: '', name: 'g', response: {} }];
    expect(read(responses, LATEST, false)).toEqual({
      sent: [RESULT, { name: 'g', response: {} }],
      droppedMedia: 0,
    });
  });

  it('leaves out what the model or the API does not know', () => {
    const { scheduling: _, ...unscheduled } = RESULT;
    const { willContinue: __, ...whole } = RESULT;
    const flash = capabilitiesOf('gemini-3.1-flash-live-preview');
    expect(read([RESULT], flash, false)).toEqual({ sent: [unscheduled], droppedMedia: 0 });
    expect(read([RESULT], LATEST, true)).toEqual({ sent: [whole], droppedMedia: 0 });
  });

  it.each([
    ['gemini-3.8-live', false, [{ inlineData: { mimeType: 'image/png', data: '/w==' } }], 2],
    ['gemini-3.8-live', true, [{ inlineData: { mimeType: 'image/png', data: '/w==' } }, FILE], 1],
    ['gemini-2.5-flash-native-audio-preview-12-2025', false, undefined, 3],
  ])(
    'sends %s (Vertex: %s) the media of a result that it takes, and counts the rest',
    (model, onVertex, parts, dropped) => {
      const responses = [
        { id: 'c', name: 'f', response: {}, parts: [IMAGE, FILE, OWN_FILE, { text: 'no place' }] },
      ];
      const sent = [{ id: 'c', name: 'f', response: {}, ...(parts ? { parts } : {}) }];
      expect(read(responses, capabilitiesOf(model), onVertex)).toEqual({ sent, droppedMedia: dropped });
    },
  );
});
