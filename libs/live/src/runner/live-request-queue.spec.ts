import { describe, expect, it } from 'vitest';
import type { LiveRequest } from './live-request.js';
import { LiveRequestQueue, MAX_QUEUED_AUDIO_BYTES, MAX_QUEUED_CONTROLS } from './live-request-queue.js';

const audio = (bytes: number, fill: number): { mimeType: string; data: Uint8Array } => ({
  mimeType: 'audio/pcm;rate=16000',
  data: new Uint8Array(bytes).fill(fill),
});

function drained(queue: LiveRequestQueue): LiveRequest[] {
  const taken: LiveRequest[] = [];
  queue.resume((request) => taken.push(request));
  queue.pause();
  return taken;
}

describe('LiveRequestQueue', () => {
  it('keeps the newest two seconds of audio and counts what it drops (A16)', () => {
    const queue = new LiveRequestQueue();
    const chunks = MAX_QUEUED_AUDIO_BYTES / 3_200 + 5;
    for (let i = 0; i < chunks; i++) queue.sendRealtime(audio(3_200, i));
    const kept = drained(queue);
    expect(kept).toHaveLength(MAX_QUEUED_AUDIO_BYTES / 3_200);
    expect(kept[0]?.kind === 'realtime' && kept[0].blob.data[0]).toBe(5);
    expect(queue.droppedAudioBytes).toBe(5 * 3_200);
  });

  it('keeps only the newest image, and every control in its place', () => {
    const queue = new LiveRequestQueue();
    queue.sendRealtime({ mimeType: 'image/jpeg', data: new Uint8Array([1]) });
    queue.sendActivityStart();
    queue.sendRealtime({ mimeType: 'image/jpeg', data: new Uint8Array([2]) });
    queue.sendActivityEnd();
    expect(
      drained(queue).map((request) => (request.kind === 'realtime' ? request.blob.data[0] : request.kind)),
    ).toEqual(['activityStart', 2, 'activityEnd']);
    expect(queue.droppedImages).toBe(1);
  });

  it('refuses more controls than it may hold, and drops none', () => {
    const queue = new LiveRequestQueue();
    for (let i = 0; i < MAX_QUEUED_CONTROLS; i++) queue.sendActivityStart();
    expect(() => queue.sendActivityStart()).toThrow('Too many');
    expect(drained(queue)).toHaveLength(MAX_QUEUED_CONTROLS);
  });

  it('delivers what was queued before it was closed, then tells the run (A10)', () => {
    const queue = new LiveRequestQueue();
    let closed = 0;
    queue.attachRun({ admit: () => true, onClosed: () => (closed += 1) });
    for (let i = 0; i < 5; i++) queue.sendContent({ parts: [{ text: String(i) }] });
    queue.close();
    queue.close();
    expect(closed).toBe(0);
    expect(drained(queue)).toHaveLength(5);
    expect(closed).toBe(1);
  });

  it('hands a request over at once while somebody reads', () => {
    const queue = new LiveRequestQueue();
    const taken: LiveRequest[] = [];
    queue.resume((request) => taken.push(request));
    queue.sendAudioStreamEnd();
    expect(taken).toEqual([{ kind: 'audioStreamEnd' }]);
    expect(queue.queuedRequests).toBe(0);
  });
});
