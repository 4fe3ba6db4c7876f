import { ParleyError } from '@parley/kernel';
import {
  liveRequestFromJson,
  LiveRequestQueue,
  LongRunningFunctionTool,
  MAX_QUEUED_AUDIO_BYTES,
} from '@parley/live';
import { ERROR_TABLE } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { conversations, MODELS } from './support/conversations.js';
import { failure } from './support/errors.js';
import { microphone, text, toolCall, turnComplete } from './support/messages.js';
import { includes } from './support/wait.js';

const conversation = conversations();
const typed = (...words: readonly string[]): { parts: { text: string }[] } => ({
  parts: words.map((word) => ({ text: word })),
});
const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');

describe('A. Live requests and the queue', () => {
  it('A1 passes text and audio on in their order, each as a message of its own', async () => {
    const call = await conversation();
    const chunks = [1, 2, 3].map((fill) => microphone(20, fill));
    call.queue.sendContent(typed('one'));
    for (const chunk of chunks) call.queue.sendRealtime(chunk);
    call.queue.sendContent(typed('two'));
    expect(await call.model.received(5)).toMatchObject([
      { clientContent: { turns: [{ parts: [{ text: 'one' }] }] } },
      ...chunks.map(({ data }) => ({ realtimeInput: { audio: { data: base64(data) } } })),
      { clientContent: { turns: [{ parts: [{ text: 'two' }] }] } },
    ]);
  });

  it('A2 answers a request with blob and content with an error of the message, and sends neither', async () => {
    const call = await conversation();
    const data = base64(microphone().data);
    const both = { content: typed('both'), blob: { mimeType: 'audio/pcm;rate=16000', data } };
    expect(() => liveRequestFromJson(both)).toThrow(failure('invalid_message', /content and blob/));
    expect(ERROR_TABLE.invalid_message.scope).toBe('message');
    call.queue.sendContent(typed('after'));
    expect(await call.model.received(1)).toMatchObject([
      { clientContent: { turns: [{ parts: [{ text: 'after' }] }] } },
    ]);
  });

  it('A3 sends text to a 2.5 model as the one turn of a finished clientContent', async () => {
    const call = await conversation({ model: MODELS.nativeAudio25 });
    call.queue.sendContent(typed('Hello'));
    expect(await call.model.received(1)).toEqual([
      { clientContent: { turns: [{ role: 'user', parts: [{ text: 'Hello' }] }], turnComplete: true } },
    ]);
  });

  it('A4 sends text of one part to gemini-3.1-flash-live as realtime text', async () => {
    const call = await conversation({ model: MODELS.flashLive31 });
    call.queue.sendContent(typed('Hello'));
    expect(await call.model.received(1)).toEqual([{ realtimeInput: { text: 'Hello' } }]);
  });

  it('A5 joins text of two parts for gemini-3.1-flash-live, so that it is answered', async () => {
    const call = await conversation({ model: MODELS.flashLive31 });
    call.queue.sendContent(typed('Hello', 'world'));
    const [sent] = await call.model.received(1);
    expect(sent).toEqual({ realtimeInput: { text: expect.stringMatching(/^Hello\s+world$/) as string } });
    expect(call.model.all({ clientContent: {} })).toEqual([]);
  });

  it('A6 sends audio with its bytes and type, and a JPEG as video', async () => {
    const call = await conversation();
    const audio = { mimeType: 'audio/pcm;rate=16000', data: new Uint8Array([0, 1, 2, 253, 254, 255]) };
    const image = { mimeType: 'image/jpeg', data: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 7]) };
    call.queue.sendRealtime(audio);
    call.queue.sendRealtime(image);
    expect(await call.model.received(2)).toEqual([
      { realtimeInput: { audio: { mimeType: audio.mimeType, data: base64(audio.data) } } },
      { realtimeInput: { video: { mimeType: image.mimeType, data: base64(image.data) } } },
    ]);
  });

  it('A7 refuses media of an unknown type by its name, and goes on', async () => {
    const call = await conversation();
    const unknown = { mimeType: 'audio/midi', data: new Uint8Array(4) };
    expect(() => call.queue.sendRealtime(unknown)).toThrow(failure('invalid_message', /audio\/midi/));
    call.queue.sendContent(typed('still here'));
    call.model.send(text('Yes.'), turnComplete());
    await call.event({ turnComplete: true });
    expect(await call.model.received(1)).toMatchObject([{ clientContent: {} }]);
  });

  it('A8 refuses a function call from the client, and goes on', async () => {
    const call = await conversation();
    const forged = { parts: [{ functionCall: { id: '1', name: 'pay', args: {} } }] };
    expect(() => call.queue.sendContent(forged)).toThrow(failure('invalid_message', /function call/));
    call.queue.sendContent(typed('still here'));
    expect(await call.model.received(1)).toMatchObject([
      { clientContent: { turns: [{ parts: [{ text: 'still here' }] }] } },
    ]);
    expect(await call.end()).toEqual([]);
  });

  it("A9 sends all function responses of a content in one toolResponse: the model's ids kept, ours left out", async () => {
    const ask = new LongRunningFunctionTool({
      name: 'ask',
      description: 'Asks a person.',
      execute: () => undefined,
    });
    const call = await conversation({ tools: [ask] });
    call.model.send(toolCall({ id: 'function-call-7', name: 'ask' }, { name: 'ask' }));
    const asked = await call.event({ content: { parts: [{ functionCall: { id: 'function-call-7' } }] } });
    const ids = asked.content?.parts.map((part) => part.functionCall?.id ?? '') ?? [];
    expect(ids).toEqual(['function-call-7', expect.stringMatching(/^adk-/)]);
    call.queue.sendContent({
      parts: ids.map((id, at) => ({ functionResponse: { id, name: 'ask', response: { answer: at } } })),
    });
    const sent = await call.model.received(1);
    expect(sent).toMatchObject([
      {
        toolResponse: {
          functionResponses: [
            { id: 'function-call-7', name: 'ask', response: { answer: 0 } },
            { name: 'ask', response: { answer: 1 } },
          ],
        },
      },
    ]);
    expect(JSON.stringify(sent)).not.toContain('adk-');
  });

  it('A10 delivers five requests that were queued before the close, then closes with 1000', async () => {
    const call = await conversation({ holdSetup: true });
    for (const word of ['1', '2', '3', '4', '5']) call.queue.sendContent(typed(word));
    call.queue.close();
    call.acceptSetup();
    const events = await call.over();
    expect(await call.model.ended()).toMatchObject({ code: 1000 });
    expect(call.model.messages.map((message) => JSON.stringify(message))).toEqual(
      ['1', '2', '3', '4', '5'].map((word) => expect.stringContaining(`"text":"${word}"`) as string),
    );
    expect(call.failure).toBeUndefined();
    expect(events.filter((event) => event.errorCode)).toEqual([]);
  });

  it('A11 refuses what is sent after the close, and sends nothing', async () => {
    const call = await conversation();
    call.queue.close();
    expect(() => call.queue.sendContent(typed('late'))).toThrow(ParleyError);
    expect(() => call.queue.sendRealtime(microphone())).toThrow(/ended/);
    await call.over();
    await call.model.ended();
    expect(call.model.messages).toEqual([]);
  });

  it('A12 takes a second close for nothing', async () => {
    const call = await conversation();
    call.queue.sendContent(typed('once'));
    call.queue.close();
    call.queue.close();
    await call.over();
    call.queue.close();
    expect(call.failure).toBeUndefined();
    expect(await call.model.ended()).toMatchObject({ code: 1000 });
    expect(call.model.messages).toHaveLength(1);
  });

  it('A13 sends the end of the audio stream', async () => {
    const call = await conversation();
    call.queue.sendAudioStreamEnd();
    expect(await call.model.received(1)).toEqual([{ realtimeInput: { audioStreamEnd: true } }]);
  });

  it('A14 puts a state delta on the user event of its content, or on one without content', async () => {
    const call = await conversation();
    call.queue.sendContent(typed('I moved'), { stateDelta: { city: 'Paris' } });
    call.queue.send({ kind: 'state', stateDelta: { floor: 3 } });
    await call.end();
    const stored = await call.stored();
    expect(stored).toMatchObject([
      { author: 'user', content: typed('I moved'), actions: { stateDelta: { city: 'Paris' } } },
      { author: 'user', actions: { stateDelta: { floor: 3 } } },
    ]);
    expect(stored[1]?.content).toBeUndefined();
    expect(await call.state()).toEqual({ city: 'Paris', floor: 3 });
    await call.model.ended();
    expect(call.model.messages).toHaveLength(1);
  });

  it('A15 leaves the turn open after partial content, and does not store it', async () => {
    const call = await conversation();
    call.queue.sendContent(typed('What is'), { partial: true });
    call.queue.sendContent(typed('the time?'));
    const [open, closing] = await call.model.received(2);
    expect(open).toMatchObject({ clientContent: { turns: [{ parts: [{ text: 'What is' }] }] } });
    expect(includes(open, { clientContent: { turnComplete: true } })).toBe(false);
    expect(closing).toMatchObject({ clientContent: { turnComplete: true } });
    await call.end();
    expect((await call.stored()).map((event) => event.content?.parts[0]?.text)).toEqual(['the time?']);
  });

  it('A16 drops the oldest media of a backlog, counts it, and lets a control through at once', async () => {
    const call = await conversation({ holdSetup: true });
    const kept = MAX_QUEUED_AUDIO_BYTES / microphone(100).data.length;
    for (let fill = 0; fill < kept + 5; fill++) call.queue.sendRealtime(microphone(100, fill));
    call.queue.sendContent(typed('and now?'));
    expect(call.queue.droppedAudioBytes).toBe(5 * microphone(100).data.length);
    expect(call.queue.droppedRequests).toBe(5);
    call.acceptSetup();
    expect(await call.model.received(kept + 1)).toMatchObject([
      ...Array.from({ length: kept }, (_, at) => ({
        realtimeInput: { audio: { data: base64(microphone(100, at + 5).data) } },
      })),
      { clientContent: { turns: [{ parts: [{ text: 'and now?' }] }], turnComplete: true } },
    ]);
    expect(call.queue.droppedRequests).toBe(5);

    const backlog = new LiveRequestQueue();
    for (let fill = 0; fill < kept + 5; fill++) backlog.sendRealtime(microphone(100, fill));
    const taken: string[] = [];
    backlog.sendActivityEnd();
    for (let fill = 0; fill < kept; fill++) backlog.sendRealtime(microphone(100, fill));
    expect(backlog.droppedRequests).toBe(kept + 5);
    backlog.resume((request) => taken.push(request.kind));
    // All in the tick in which there is someone to take it: the control was neither pushed out nor held up.
    expect(taken).toEqual(['activityEnd', ...Array.from({ length: kept }, () => 'realtime')]);
    expect(backlog.queuedRequests).toBe(0);
    backlog.sendAudioStreamEnd();
    expect(taken.at(-1)).toBe('audioStreamEnd');
  });

  it('A17 refuses a queue that serves a run already, and one that has served it', async () => {
    const call = await conversation();
    const second = await conversation({ queue: call.queue, key: { sessionId: 'another' } });
    await second.over();
    expect(second.failure).toEqual(failure('session_busy'));
    await call.end();
    const third = await conversation({ queue: call.queue, key: { sessionId: 'a third' } });
    await third.over();
    expect(third.failure).toEqual(failure('session_busy'));
  });

  it('A18 answers activity signals with a configuration error while the model detects speech', async () => {
    const call = await conversation();
    expect(() => call.queue.sendActivityStart()).toThrow(failure('invalid_config', /activity/i));
    expect(() => call.queue.sendActivityEnd()).toThrow(failure('invalid_config', /activity/i));
    call.queue.sendContent(typed('after'));
    expect(await call.model.received(1)).toMatchObject([{ clientContent: {} }]);
  });
});
