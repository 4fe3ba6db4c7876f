import { decodeFrame, MAX_SEEN_IDS } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { brokenCall, failure, liveCall } from './testing/live-call.js';
import { MAX_UNACKED_TEXTS } from './unacked-texts.js';

describe('what a call asks for when it comes back', () => {
  it('names the last number, the newest stored events, and how far the voice was heard', async () => {
    const { clock, gateway } = await liveCall();
    for (let n = 1; n <= MAX_SEEN_IDS + 2; n++) {
      gateway.line.sayEvent(1, { outputTranscription: { text: 'Hi', finished: true }, partial: false });
    }
    gateway.line.sayEvent(1, { outputTranscription: { text: 'del', finished: false }, partial: true });
    gateway.line.speak(1, 1_000);
    await clock.advance(480);
    gateway.line.hangUp(1006);
    await clock.advance(0);
    const asked = gateway.resume();
    expect(asked).toMatchObject({ seq: MAX_SEEN_IDS + 3, played: { turn: 1, ms: 400 } });
    expect(asked?.seen).toHaveLength(MAX_SEEN_IDS);
    expect(asked?.seen?.at(-1)).toBe(`e${MAX_SEEN_IDS + 2}`);
  });

  it('believes the player more than the time', async () => {
    const { clock, gateway, client } = await liveCall();
    gateway.line.speak(1, 1_000);
    await clock.advance(900);
    client.reportPlayback(1, 250);
    gateway.line.hangUp(1006);
    await clock.advance(0);
    expect(gateway.resume()?.played).toEqual({ turn: 1, ms: 250 });
  });
});

describe('what comes down after a break', () => {
  it('is told once, however often it comes', async () => {
    const { clock, gateway, client } = await liveCall();
    const seqs: number[] = [];
    const frames: number[] = [];
    client.on('event', ({ seq }) => seqs.push(seq));
    client.on('audio', ({ seq }) => frames.push(seq));
    for (let n = 0; n < 3; n++) gateway.line.sayEvent(1, {});
    for (let n = 0; n < 3; n++) gateway.line.speak(1, 40);
    gateway.line.hangUp(1006);
    await clock.advance(0);
    gateway.resume();
    gateway.numbering.seq = 1;
    gateway.numbering.frames.set(1, 1);
    for (let n = 0; n < 4; n++) gateway.line.sayEvent(1, {});
    for (let n = 0; n < 4; n++) gateway.line.speak(1, 40);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect(frames).toEqual([0, 1, 2, 3, 4]);
    expect(client.stats).toMatchObject({ duplicateFrames: 2, missingFrames: 0, missingEvents: 0 });
  });

  it('is missing only where the server did not say so', async () => {
    for (const recovered of [true, false]) {
      const { clock, gateway, client, told } = await liveCall();
      gateway.line.sayEvent(1, {});
      gateway.line.hangUp(1006);
      await clock.advance(0);
      gateway.resume({ recovered });
      gateway.numbering.seq = 4;
      gateway.line.sayEvent(1, {});
      expect(client.stats.missingEvents).toBe(recovered ? 3 : 0);
      expect(told.at(-1)).toMatchObject(['resumed', { recovered }]);
      gateway.numbering.seq = 6;
      gateway.line.sayEvent(1, {});
      expect(client.stats.missingEvents).toBe(recovered ? 4 : 1);
    }
  });

  it('is not heard when its turn was interrupted before', async () => {
    const { clock, gateway, client } = await liveCall();
    let heard = 0;
    gateway.line.speak(3, 40);
    gateway.line.sayEvent(3, { interrupted: true });
    gateway.line.hangUp(1006);
    await clock.advance(0);
    gateway.resume();
    client.on('audio', () => (heard += 1));
    gateway.line.speak(3, 40);
    gateway.line.speak(4, 40);
    expect(heard).toBe(1);
    expect(client.stats.lateFrames).toBe(1);
  });

  it('tells of a break behind the gateway, which is no break of the line', async () => {
    const { gateway, client, told } = await liveCall();
    gateway.line.say({ type: 'resumed', cause: 'worker', recovered: true, mode: 'handle', gapMs: 1_800 });
    expect(told).toEqual([['resumed', { cause: 'worker', recovered: true, mode: 'handle', gapMs: 1_800 }]]);
    expect(client.stats.reconnects).toBe(0);
  });

  it('keeps the growing caption growing', async () => {
    const { clock, gateway, client } = await liveCall();
    const captions: { id: number; text: string }[] = [];
    client.on('caption', ({ id, text }) => captions.push({ id, text }));
    gateway.line.sayEvent(1, { outputTranscription: { text: 'Good', finished: false }, partial: true });
    gateway.line.hangUp(1006);
    await clock.advance(0);
    gateway.resume();
    gateway.line.sayEvent(1, { outputTranscription: { text: ' day', finished: false }, partial: true });
    expect(captions).toEqual([
      { id: 1, text: 'Good' },
      { id: 1, text: 'Good day' },
    ]);
  });
});

describe('what is said around a break', () => {
  it('goes up again, in order, as far as nobody has acknowledged it', async () => {
    const { clock, gateway, client, told } = await liveCall();
    for (const id of ['a', 'b', 'c']) client.sendText(`text ${id}`, id);
    gateway.line.say({ type: 'ack', id: 'a' });
    gateway.line.hangUp(1006);
    expect(client.sendText('text d', 'd')).toBe(true);
    await clock.advance(0);
    gateway.resume();
    expect(client.sendText('text e', 'e')).toBe(true);
    const texts = gateway.line.messages.filter((message) => message.type === 'text');
    expect(texts.map(({ id }) => id)).toEqual(['b', 'c', 'd', 'e']);
    expect(client.stats.resentTexts).toBe(2);
    for (const id of ['b', 'b', 'd']) gateway.line.say({ type: 'ack', id });
    const delivered = told.filter(([name]) => name === 'delivered').map(([, payload]) => payload);
    expect(delivered).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'd' }]);
  });

  it('is not taken when too much waits for an answer, and is taken again after one', async () => {
    const { gateway, client } = await liveCall();
    for (let n = 0; n < MAX_UNACKED_TEXTS; n++) expect(client.sendText('x', `m${n}`)).toBe(true);
    expect(client.sendText('x', 'more')).toBe(false);
    gateway.line.say({ type: 'ack', id: 'm0' });
    expect(client.sendText('x', 'more')).toBe(true);
  });

  it('is not said again when the server has refused it', async () => {
    const { clock, gateway, client } = await liveCall();
    client.sendText('too long', 'a');
    gateway.line.sayAnything(failure('invalid_message', { fatal: false, ref: 'a' }));
    gateway.line.hangUp(1006);
    await clock.advance(0);
    gateway.resume();
    expect(gateway.line.messages.map(({ type }) => type)).toEqual(['hello']);
  });

  it('keeps the newest five seconds of speech and the newest picture, and counts the rest', async () => {
    const { clock, gateway, client } = await brokenCall();
    for (let n = 0; n < 150; n++) client.sendAudio(new Uint8Array(1_280));
    for (let n = 0; n < 3; n++) client.sendImage(Uint8Array.of(n));
    client.audioStreamEnd();
    await clock.advance(0);
    gateway.resume();
    expect(gateway.line.frames.length).toBeLessThan(120);
    await clock.advance(2_000);
    const frames = gateway.line.frames.map((bytes) => decodeFrame(bytes));
    const kinds = frames.map((frame) => (typeof frame === 'string' ? frame : `${frame.kind}:${frame.seq}`));
    expect(kinds).toEqual([...Array.from({ length: 125 }, (_, n) => `1:${n + 25}`), '3:2']);
    expect(gateway.line.sent.at(-1)).toEqual({ type: 'audioStreamEnd' });
    expect(client.stats).toMatchObject({ droppedAudioMs: 1_000, droppedImages: 2 });
  });
});
