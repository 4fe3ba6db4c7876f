import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveScenes, said } from './testing/live-scene.js';

const PCM_UP = 'audio/pcm;rate=16000';
const PCM_DOWN = 'audio/pcm;rate=24000';
const FLASH_3_1 = 'gemini-3.1-flash-live-preview';
const MANUAL = { realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

describe('a connection to a Gemini Live model says', () => {
  const scenes = new LiveScenes();
  afterEach(() => scenes.close());

  it('audio and images as realtime input', async () => {
    const scene = await scenes.open();
    scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(1, 2) });
    scene.connection.sendRealtime({ mimeType: 'image/jpeg', data: Uint8Array.of(3) });
    expect(await said(scene, 2)).toEqual([
      { realtimeInput: { audio: { data: 'AQI=', mimeType: PCM_UP } } },
      { realtimeInput: { video: { data: 'Aw==', mimeType: 'image/jpeg' } } },
    ]);
  });

  it('content as a finished turn, without thoughts, audio and function parts', async () => {
    const scene = await scenes.open();
    scene.connection.sendContent({
      role: 'user',
      parts: [
        { text: 'look' },
        { text: 'hm', thought: true },
        { inlineData: { mimeType: 'image/png', data: Uint8Array.of(255) } },
        { inlineData: { mimeType: PCM_UP, data: Uint8Array.of(1, 2) } },
        { functionResponse: { id: 'c', name: 'f', response: {} } },
      ],
    });
    expect(await said(scene, 1)).toEqual([
      {
        clientContent: {
          turns: [
            {
              role: 'user',
              parts: [{ text: 'look' }, { inlineData: { mimeType: 'image/png', data: '/w==' } }],
            },
          ],
          turnComplete: true,
        },
      },
    ]);
  });

  it('content as realtime input where the model takes no client content', async () => {
    const scene = await scenes.open({ model: FLASH_3_1 });
    scene.connection.sendContent({
      parts: [
        { text: 'one' },
        { inlineData: { mimeType: 'image/png', data: Uint8Array.of(1) } },
        { text: 'two' },
      ],
    });
    scene.connection.sendContent({ parts: [{ text: 'three' }] }, { partial: true });
    scene.connection.sendContent({ parts: [{ text: 'four' }] });
    scene.connection.interrupt();
    expect(await said(scene, 3)).toEqual([
      { realtimeInput: { video: { data: 'AQ==', mimeType: 'image/png' } } },
      { realtimeInput: { text: 'one\ntwo' } },
      { realtimeInput: { text: 'three\nfour' } },
    ]);
    expect(scene.model.counters.refusedSends).toBe(1);
  });

  it('content that goes on without asking for an answer yet', async () => {
    const scene = await scenes.open();
    scene.connection.sendContent({ parts: [{ text: 'half' }] }, { partial: true });
    const turns = [{ role: 'user', parts: [{ text: 'half' }] }];
    expect(await said(scene, 1)).toEqual([{ clientContent: { turns, turnComplete: false } }]);
  });

  it('only audio to a model that takes nothing else', async () => {
    const scene = await scenes.open({ model: 'gemini-3.5-live-translate-preview' });
    scene.connection.sendContent({ parts: [{ text: 'hi' }] });
    scene.connection.sendRealtime({ mimeType: 'image/jpeg', data: Uint8Array.of(3) });
    scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(1, 2) });
    expect(await said(scene, 1)).toEqual([{ realtimeInput: { audio: { data: 'AQI=', mimeType: PCM_UP } } }]);
    expect(scene.model.counters.refusedSends).toBe(2);
  });

  it('an interruption as empty client content', async () => {
    const scene = await scenes.open();
    scene.connection.interrupt();
    expect(await said(scene, 1)).toEqual([{ clientContent: { turnComplete: false } }]);
  });

  it('activity when it is up to the client, the end of the stream when it is not', async () => {
    const manual = await scenes.open(MANUAL);
    const automatic = await scenes.open();
    for (const { connection } of [manual, automatic]) {
      connection.sendActivityStart();
      connection.sendActivityEnd();
      connection.sendAudioStreamEnd();
    }
    expect(await said(manual, 2)).toEqual([
      { realtimeInput: { activityStart: {} } },
      { realtimeInput: { activityEnd: {} } },
    ]);
    expect(await said(automatic, 1)).toEqual([{ realtimeInput: { audioStreamEnd: true } }]);
  });

  it('results of tools, with their scheduling where the model knows it', async () => {
    const response = {
      id: 'c-1',
      name: 'f',
      response: { output: 1 },
      scheduling: 'INTERRUPT',
      willContinue: true,
    } as const;
    const scene = await scenes.open();
    scene.connection.sendToolResponse([response]);
    expect(await said(scene, 1)).toEqual([{ toolResponse: { functionResponses: [response] } }]);

    const simple = await scenes.open({ model: FLASH_3_1 });
    simple.connection.sendToolResponse([response]);
    const { scheduling: _, ...unscheduled } = response;
    expect(await said(simple, 1)).toEqual([{ toolResponse: { functionResponses: [unscheduled] } }]);
  });

  it('a result of a call that came without an id, without the media that this API does not take', async () => {
    const scene = await scenes.open();
    const parts = [{ fileData: { fileUri: 'gs://b/f' } }];
    scene.connection.sendToolResponse([{ id: '', name: 'f', response: {}, parts }]);
    expect(await said(scene, 1)).toEqual([
      { toolResponse: { functionResponses: [{ name: 'f', response: {} }] } },
    ]);
    expect(scene.model.counters.droppedResponseMedia).toBe(1);
  });

  it('earlier conversation first, as history that asks for no answer', async () => {
    const scene = await scenes.open({
      history: () => [
        { role: 'user', parts: [{ text: 'hi' }] },
        { role: 'model', parts: [{ inlineData: { mimeType: PCM_DOWN, data: Uint8Array.of(1) } }] },
        { role: 'model', parts: [{ text: 'hello' }] },
      ],
    });
    scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(0, 0) });
    const messages = await said(scene, 2);
    expect(messages[0]).toEqual({
      clientContent: {
        turns: [
          { role: 'user', parts: [{ text: 'hi' }] },
          { role: 'model', parts: [{ text: 'hello' }] },
        ],
        turnComplete: true,
      },
    });
  });

  it('nothing that the wire can not carry, and counts it', async () => {
    const scene = await scenes.open();
    scene.connection.sendRealtime({ mimeType: 'text/plain', data: Uint8Array.of(1) });
    scene.connection.sendRealtime({ mimeType: PCM_UP, data: new Uint8Array() });
    scene.connection.sendContent({ parts: [] });
    scene.connection.sendToolResponse([]);
    scene.connection.sendAudioStreamEnd();
    await said(scene, 1);
    expect(scene.model.counters.refusedSends).toBe(4);
  });

  it('nothing after close', async () => {
    const scene = await scenes.open();
    scene.connection.close();
    scene.connection.sendRealtime({ mimeType: PCM_UP, data: Uint8Array.of(1, 2) });
    scene.connection.sendContent({ parts: [{ text: 'too late' }] });
    await vi.waitFor(() => expect(scene.peer.closeCode).toBe(1000));
    expect(scene.peer.messages).toEqual([]);
  });
});
