import type { Content } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { toSdkContents } from './llm-contents.js';

const IMAGE = { inlineData: { mimeType: 'image/png', data: Uint8Array.of(255) } };
const FILE = { fileData: { fileUri: 'gs://b/f' } };
const RESULT: readonly Content[] = [
  {
    role: 'user',
    parts: [{ functionResponse: { id: 'c', name: 'f', response: {}, parts: [IMAGE, FILE] } }],
  },
];
const SENT_IMAGE = { inlineData: { mimeType: 'image/png', data: '/w==' } };

describe('toSdkContents', () => {
  it.each([
    ['gemini-3.5-flash', false, [SENT_IMAGE], 1],
    ['gemini-3.5-flash', true, [SENT_IMAGE, FILE], 0],
    ['gemini-flash-latest', false, [SENT_IMAGE], 1],
    ['gemini-2.5-flash', false, undefined, 2],
  ])('shows %s (Vertex: %s) the media of a result that it takes', (model, onVertex, parts, left) => {
    let dropped = 0;
    const contents = toSdkContents(RESULT, {
      model,
      onVertex,
      onDroppedMedia: (count) => (dropped += count),
    });
    const functionResponse = { id: 'c', name: 'f', response: {}, ...(parts ? { parts } : {}) };
    expect(contents).toEqual([{ role: 'user', parts: [{ functionResponse }] }]);
    expect(dropped).toBe(left);
  });
});
