import type { FunctionResponse } from '@parley/event';
import { afterEach, describe, expect, it } from 'vitest';
import { KeptScenes, summary, type KeptScene } from './testing/kept-scene.js';

const result = (id: string, more: Partial<FunctionResponse> = {}): FunctionResponse => ({
  id,
  name: 'f',
  response: {},
  ...more,
});

function called(scene: KeptScene, ...ids: readonly string[]): Promise<void> {
  scene.peer.send({ toolCall: { functionCalls: ids.map((id) => ({ id, name: 'f', args: {} })) } });
  return scene.settled();
}

/** A handle, of a session that waits for results of these calls. */
async function calledAndSaved(scene: KeptScene, ...ids: readonly string[]): Promise<void> {
  await called(scene, ...ids);
  scene.peer.completeTurn('h-1');
  await scene.settled();
}

async function lost(scene: KeptScene, socket: number): Promise<void> {
  scene.peer.reset();
  await scene.socket(socket);
  await scene.hears(({ resumed, restarted }) => resumed ?? restarted);
}

describe('the result of a tool, lost with the socket (I5),', () => {
  const scenes = new KeptScenes();
  afterEach(() => scenes.close());

  it('is sent again to a session that knows the call and not the result, before all else, until a handle has it', async () => {
    const scene = await scenes.open();
    await calledAndSaved(scene, 'c-1', 'c-2');
    scene.text('and now?');
    scene.connection.sendToolResponse([result('c-1'), result('c-2')]);
    await scene.told(2);
    for (const socket of [2, 3]) {
      await lost(scene, socket);
      expect(scene.peer.resumption).toEqual({ handle: 'h-1' });
      expect(summary(await scene.told(2))).toEqual(['toolResponse:c-1,c-2', 'text:and now?']);
    }
    expect(scene.counters).toMatchObject({ resentToolResponses: 4, droppedToolResponses: 0 });
    scene.peer.answer('done', 'h-2');
    await scene.settled();
    await lost(scene, 4);
    expect(await scene.told(0)).toEqual([]);
  });

  it('is sent again with all its parts, in order, when it came in parts', async () => {
    const scene = await scenes.open();
    await calledAndSaved(scene, 'c-1');
    const chunks = [1, 2, 3].map((n) => result('c-1', { response: { n }, willContinue: n < 3 }));
    for (const chunk of chunks.slice(0, 2)) scene.connection.sendToolResponse([chunk]);
    await scene.told(2);
    await lost(scene, 2);
    scene.connection.sendToolResponse(chunks.slice(2));
    const sent = chunks.map((chunk) => ({ toolResponse: { functionResponses: [chunk] } }));
    expect(await scene.told(3)).toEqual(sent);
    await lost(scene, 3);
    expect(await scene.told(3)).toEqual(sent);
  });

  it('is sent again when it crossed the handle on its way', async () => {
    const scene = await scenes.open();
    await called(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(1);
    scene.peer.completeTurn('h-1');
    await scene.settled();
    scene.peer.speak('it is');
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-1']);
  });

  it('is sent again when the handle is of the set-up that it followed', async () => {
    const scene = await scenes.open();
    await calledAndSaved(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(1);
    await lost(scene, 2);
    scene.peer.giveHandle('h-2');
    await scene.told(1);
    await lost(scene, 3);
    expect(scene.peer.resumption).toEqual({ handle: 'h-2' });
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-1']);
  });

  it('is sent again from where the provider stopped listening, where it tells', async () => {
    const scene = await scenes.open({}, {}, { onVertex: true });
    await calledAndSaved(scene, 'c-1', 'c-2');
    scene.connection.sendToolResponse([result('c-1')]);
    scene.connection.sendToolResponse([result('c-2')]);
    await scene.told(2);
    scene.peer.giveHandle('h-2', '1');
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-2']);
  });

  it('is sent on by a session taken up from a handle that the caller has', async () => {
    const scene = await scenes.open({ sessionResumption: { handle: 'theirs' } });
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(1);
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-1']);
  });

  it('is not sent again to a session that never called, which is asked again instead', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    await called(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(2);
    scene.peer.completeTurn();
    scene.peer.speak('the answ');
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['text:question']);
  });

  it('is not asked for again by words that the handle has', async () => {
    const scene = await scenes.open();
    scene.text('question');
    await scene.told(1);
    await calledAndSaved(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(2);
    scene.peer.speak('the answ');
    await scene.settled();
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-1']);
  });

  it('is not sent again to a session that begins anew', async () => {
    const history = [{ role: 'user' as const, parts: [{ text: 'For context:\nf returned {}' }] }];
    const scene = await scenes.open({ history: () => history }, {}, { resumption: false });
    await called(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(2);
    await lost(scene, 2);
    expect(summary(await scene.told(1))).toEqual([expect.stringMatching(/^text:For context/)]);
  });

  it('is in the history of a session begun anew, when the server does not know the call any more', async () => {
    const history = [{ role: 'user' as const, parts: [{ text: 'For context:\nf returned {}' }] }];
    const scene = await scenes.open({ history: () => history });
    await scene.told(1);
    await calledAndSaved(scene, 'c-1');
    scene.connection.sendToolResponse([result('c-1')]);
    await scene.told(2);
    scene.peer.reset();
    for (const socket of [2, 3]) {
      const peer = await scene.socket(socket);
      expect(peer.resumption).toEqual({ handle: 'h-1' });
      await expect.poll(() => summary(peer.messages)).toEqual(['toolResponse:c-1']);
      peer.close(1008, 'Requested entity was not found.');
    }
    await scene.socket(4);
    expect(await scene.hears((message) => message.restarted)).toEqual({ seededWith: 'history' });
    expect(summary(await scene.told(1))).toEqual([expect.stringMatching(/^text:For context/)]);
  });
});
