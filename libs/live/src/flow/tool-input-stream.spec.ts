import { settle } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import type { LiveRequest } from '../runner/live-request.js';
import { MAX_TOOL_CONTROLS, ToolInputStream } from './tool-input-stream.js';

/** 100 ms of audio that can be told from the rest. */
const audio = (mark: number): LiveRequest => ({
  kind: 'realtime',
  blob: { mimeType: 'audio/pcm;rate=16000', data: new Uint8Array(3_200).fill(mark) },
});
const image = (mark: number): LiveRequest => ({
  kind: 'realtime',
  blob: { mimeType: 'image/jpeg', data: new Uint8Array([mark]) },
});
const text = (said: string): LiveRequest => ({ kind: 'content', content: { parts: [{ text: said }] } });

function read(input: ToolInputStream): { readonly got: LiveRequest[]; readonly done: Promise<void> } {
  const got: LiveRequest[] = [];
  const done = (async () => {
    for await (const request of input) got.push(request);
  })();
  return { got, done };
}

describe('A tool’s input', () => {
  it('comes in order, as it is sent, until it ends', async () => {
    const input = new ToolInputStream();
    const sent = [text('a'), audio(1), { kind: 'activityStart' } as const, image(1)];
    for (const request of sent.slice(0, 2)) input.push(request);
    const { got, done } = read(input);
    await settle();
    for (const request of sent.slice(2)) input.push(request);
    await settle();
    expect(got).toEqual(sent);
    input.end();
    input.push(text('too late'));
    await done;
    expect(got).toHaveLength(4);
  });

  it('keeps two seconds of audio, the newest image and 64 others while nobody reads', async () => {
    const input = new ToolInputStream();
    for (let i = 0; i < 25; i++) input.push(audio(i));
    for (let i = 0; i < 3; i++) input.push(image(i));
    for (let i = 0; i < MAX_TOOL_CONTROLS + 2; i++) input.push(text(`${i}`));
    expect(input.dropped).toBe(5 + 2 + 2);
    const { got, done } = read(input);
    await settle(200);
    expect(got.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => audio(i + 5)));
    expect(got[20]).toEqual(image(2));
    expect(got.slice(21)).toEqual(Array.from({ length: MAX_TOOL_CONTROLS }, (_, i) => text(`${i + 2}`)));
    for (let i = 0; i < 25; i++) input.push(audio(i));
    await settle(200);
    input.end();
    await done;
  });
});
