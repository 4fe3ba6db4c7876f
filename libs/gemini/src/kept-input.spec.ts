import { afterEach, describe, expect, it } from 'vitest';
import { KeptScenes, summary, type KeptScene } from './testing/kept-scene.js';

describe('what the user says to a Gemini Live model', () => {
  const scenes = new KeptScenes();
  afterEach(() => scenes.close());

  async function lost(scene: KeptScene, socket: number): Promise<void> {
    scene.peer.reset();
    await scene.socket(socket);
    await scene.hears((message) => message.resumed ?? message.restarted);
  }

  it('is said again, in order, when it is in no handle', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.audio(1);
    scene.text('look');
    scene.audio(2);
    scene.connection.sendAudioStreamEnd();
    await scene.told(4);
    await lost(scene, 2);
    expect(summary(await scene.told(4))).toEqual(['audio:1', 'text:look', 'audio:2', 'audioStreamEnd']);
    expect(scene.counters).toMatchObject({ replayedMs: 200, droppedReplayMs: 0 });
  });

  it('is not said again once it has been answered, whether or not a handle came since', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.audio(1);
    scene.text('one');
    await scene.told(2);
    scene.peer.answer('answer one');
    await scene.settled();
    scene.text('two');
    await scene.told(3);
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['text:two']);
    scene.peer.answer('answer two', 'h-2');
    await scene.settled();
    await lost(scene, 3);
    expect(await scene.told(0)).toEqual([]);
  });

  it('waits for the next socket while there is none, and goes out in order after it (E12)', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.audio(1);
    await scene.told(1);
    await scene.cut();
    scene.text('three');
    const second = await scene.socket(2);
    await scene.hears((message) => message.resumed);
    scene.audio(4);
    await expect.poll(() => summary(second.messages).at(-1)).toBe('audio:4');
    const said = summary(second.messages);
    expect(said.filter((word) => word !== 'audio:9')).toEqual(['audio:1', 'text:three', 'audio:4']);
    expect(said.indexOf('audio:9')).toBe(1);
    expect(scene.connection.bufferedBytes).toBe(0);
  });

  it('is kept for ten seconds of audio, one image and 64 other things, and what is lost is counted', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    for (let i = 0; i < 130; i++) scene.audio(i);
    for (const byte of [1, 2]) {
      scene.connection.sendRealtime({ mimeType: 'image/jpeg', data: Uint8Array.of(byte) });
    }
    for (let i = 0; i < 70; i++) scene.text(`t${i}`);
    await scene.told(202);
    await lost(scene, 2);
    const said = await scene.told(165);
    expect(summary(said).slice(0, 2)).toEqual(['audio:30', 'audio:31']);
    expect(summary(said).slice(-64)[0]).toBe('text:t6');
    expect(said.filter((message) => JSON.stringify(message).includes('video'))).toEqual([
      { realtimeInput: { video: { data: 'Ag==', mimeType: 'image/jpeg' } } },
    ]);
    expect(scene.counters).toMatchObject({
      replayedMs: 10_000,
      droppedReplayMs: 3_000,
      droppedReplayControls: 6,
    });
  });

  it('is asked again when the answer broke off, of which the client drops the rest first', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    scene.peer.speak('the answ');
    await scene.settled();
    scene.audio(7);
    await scene.told(2);
    await lost(scene, 2);
    const kinds = scene.heard.messages.map((message) => Object.keys(message)[0]);
    expect(kinds.slice(-2)).toEqual(['interrupted', 'resumed']);
    expect(summary(await scene.told(2))).toEqual(['text:question', 'audio:7']);
    scene.peer.answer('the answer', 'h-2');
    await scene.settled();
    await lost(scene, 3);
    expect(await scene.told(0)).toEqual([]);
  });

  it('is not asked again when the whole answer was there, whose end is then told', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    scene.peer.speak('the answer');
    scene.peer.send({ serverContent: { generationComplete: true } });
    await scene.settled();
    await lost(scene, 2);
    expect(await scene.told(0)).toEqual([]);
    expect(scene.heard.messages.some((message) => message.turnComplete)).toBe(true);
    expect(scene.heard.messages.some((message) => message.interrupted)).toBe(false);
  });

  it('does not count as answered by a turn that it interrupted', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('one');
    await scene.told(1);
    scene.peer.speak('so');
    await scene.settled();
    scene.text('no, two');
    await scene.told(2);
    scene.peer.send({ serverContent: { interrupted: true } });
    scene.peer.speak('late');
    scene.peer.completeTurn();
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['text:no, two']);
  });

  it('does not count as answered by a turn that its beginning interrupted', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.audio(1);
    await scene.told(1);
    await scene.clock.advance(2_000);
    scene.audio(2);
    await scene.told(2);
    scene.peer.speak('so');
    await scene.settled();
    scene.audio(3);
    await scene.told(3);
    scene.peer.send({ serverContent: { interrupted: true } });
    scene.peer.completeTurn();
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(2))).toEqual(['audio:2', 'audio:3']);
  });

  it('is written down once, though it is heard twice', async () => {
    const scene = await scenes.open();
    scene.audio(1);
    await scene.told(1);
    scene.peer.send({ serverContent: { inputTranscription: { text: 'Who am' } } });
    await scene.settled();
    await lost(scene, 2);
    await scene.told(1);
    for (const text of ['Who', ' am', ' I?']) {
      scene.peer.send({ serverContent: { inputTranscription: { text } } });
    }
    scene.peer.send({ serverContent: { inputTranscription: { finished: true } } });
    await scene.settled();
    expect(scene.heard.messages.flatMap((message) => message.inputTranscription ?? [])).toEqual([
      { text: 'Who am', finished: false },
      { text: ' I?', finished: false },
      { text: '', finished: true },
    ]);
  });

  it('is interpreted once', async () => {
    const scene = await scenes.open({ model: 'gemini-3.5-live-translate-preview' });
    scene.peer.giveHandle('h-1');
    for (let i = 1; i <= 30; i++) {
      scene.audio(i);
      await scene.clock.advance(100);
    }
    await scene.told(30);
    scene.peer.speak('raz dwa');
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(10)).at(0)).toBe('audio:21');
    expect(scene.heard.messages.some((message) => message.interrupted)).toBe(false);
    await scene.clock.advance(44_000);
    expect(scene.counters.stallNudges).toBe(0);
  });

  it('is heard once by a session that begins anew', async () => {
    const told = { role: 'user' as const, parts: [{ text: 'my name is Ann\nwho am I?' }] };
    let history = [told].slice(1);
    const scene = await scenes.open({ history: () => history });
    history = [told];
    scene.text('who am I?');
    await scene.told(1);
    await lost(scene, 2);
    expect(summary(await scene.told(2))).toEqual(['text:my name is Ann', 'text:who am I?']);
  });

  it('is said from where the provider stopped listening, where it tells (E13)', async () => {
    const scene = await scenes.open({}, {}, { onVertex: true });
    expect(scene.peer.resumption).toEqual({ transparent: true });
    for (let i = 1; i <= 5; i++) scene.audio(i);
    await scene.told(5);
    scene.peer.giveHandle('h-1', '3');
    await scene.settled();
    await lost(scene, 2);
    expect(scene.peer.resumption).toEqual({ handle: 'h-1', transparent: true });
    expect(summary(await scene.told(2))).toEqual(['audio:4', 'audio:5']);
    scene.audio(6);
    await scene.told(3);
    scene.peer.giveHandle('h-2', '1');
    await scene.settled();
    scene.peer.reset();
    await scene.socket(3);
    await scene.settled();
    expect(summary(await scene.told(2))).toEqual(['audio:5', 'audio:6']);
  });

  it('is no result of a tool: those go to the session that asked, and to no other', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    scene.peer.send({ toolCall: { functionCalls: [{ id: 'c-1', name: 'f', args: {} }] } });
    await scene.settled();
    scene.connection.sendToolResponse([{ id: 'c-1', name: 'f', response: {} }]);
    await scene.told(2);
    scene.peer.send({
      toolCall: {
        functionCalls: [
          { id: 'c-2', name: 'f', args: {} },
          { id: 'c-3', name: 'f', args: {} },
        ],
      },
    });
    await scene.settled();
    await scene.cut();
    scene.connection.sendToolResponse([{ id: 'c-2', name: 'f', response: {} }]);
    await scene.socket(2);
    expect(await scene.hears((message) => message.cancelledToolCallIds)).toEqual(['c-2', 'c-3']);
    scene.connection.sendToolResponse([{ id: 'c-3', name: 'f', response: {} }]);
    await scene.settled();
    const said = summary(scene.peer.messages).filter((word) => word !== 'audio:9');
    expect(said).toEqual(['text:question']);
    expect(scene.counters.droppedToolResponses).toBe(2);
  });

  it('reaches the session that asked for a result, when that is the one taken up again', async () => {
    const scene = await scenes.open();
    scene.peer.send({ toolCall: { functionCalls: [{ id: 'c-1', name: 'f', args: {} }] } });
    scene.peer.completeTurn('h-1');
    await scene.settled();
    await scene.cut();
    scene.connection.sendToolResponse([{ id: 'c-1', name: 'f', response: {} }]);
    await scene.socket(2);
    await scene.hears((message) => message.resumed);
    await expect.poll(() => summary(scene.peer.messages).at(-1)).toBe('toolResponse:c-1');
    expect(scene.heard.messages.some((message) => message.cancelledToolCallIds)).toBe(false);
  });
});
