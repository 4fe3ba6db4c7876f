import type { Content } from '@parley/event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeptScenes, summary, type KeptScene } from './testing/kept-scene.js';

/** Long enough for a rotation that is possible to have begun. */
const A_MOMENT_MS = 200;

describe('a conversation with a Gemini Live model moves to a new socket', () => {
  const scenes = new KeptScenes();
  afterEach(() => scenes.close());

  async function stays(scene: KeptScene, ms = A_MOMENT_MS): Promise<void> {
    const sockets = scene.server.peers.length;
    await scene.clock.advance(ms);
    await scene.settled();
    expect(scene.server.peers).toHaveLength(sockets);
  }

  async function goAway(scene: KeptScene, timeLeft: string): Promise<void> {
    scene.peer.send({ goAway: { timeLeft } });
    await scene.hears((message) => message.goAway);
  }

  it('at once when both are silent, after the old one has ended', async () => {
    const scene = await scenes.open();
    const first = scene.peer;
    first.giveHandle('h-1');
    first.send({ goAway: { timeLeft: '50s' } });
    const second = await scene.socket(2);
    expect(first.closeCode).toBe(1000);
    expect(second.resumption).toEqual({ handle: 'h-1' });
    const { reason } = await scene.hears((message) => message.resumed);
    expect(reason).toBe('go_away');
    expect(scene.heard.messages.some((message) => message.interrupted)).toBe(false);
    expect(scene.counters.resumes.go_away).toBe(1);
  });

  it('when the turn is over, and not before its handle is there (E6)', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    await goAway(scene, '10s');
    scene.peer.speak('one');
    await stays(scene);
    scene.peer.completeTurn();
    await stays(scene);
    scene.peer.giveHandle('h-2');
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({ handle: 'h-2' });
    expect(await scene.told(0)).toEqual([]);
    expect(scene.heard.messages.some((message) => message.interrupted)).toBe(false);
  });

  it('with the handle before, when the turn’s own does not come', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await goAway(scene, '50s').catch(() => undefined);
    const second = await scene.socket(2);
    scene.text('question');
    await scene.told(1);
    second.answer('answer');
    second.send({ goAway: { timeLeft: '50s' } });
    await scene.settled();
    await stays(scene, 2_900);
    expect((await scene.socket(3)).resumption).toEqual({ handle: 'h-1' });
  });

  it('five seconds before the announced end at the latest, and asks again for what it cut off', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    scene.peer.speak('a very long');
    await goAway(scene, '12s');
    await stays(scene, 6_900);
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({ handle: 'h-1' });
    await scene.hears((message) => message.interrupted);
    await scene.hears((message) => message.resumed);
    expect(summary(await scene.told(1))).toEqual(['text:question']);
    expect(scene.counters.cutTurns).toBe(1);
  });

  it('at four fifths of a time that is short', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.peer.speak('speaking');
    await goAway(scene, '4s');
    await stays(scene, 3_100);
    await scene.clock.advance(100);
    await scene.socket(2);
  });

  it.each([
    ['the user speaks', (scene) => scene.peer.send({ serverContent: { inputTranscription: { text: 'I' } } })],
    ['the user is heard', (scene) => scene.peer.send({ voiceActivity: { type: 'ACTIVITY_START' } })],
    ['an answer is due', (scene) => scene.text('question')],
    ['a call is newer than the handle', (scene) => scene.peer.send(call('c-1'))],
    ['the session is not resumable', (scene) => scene.peer.send({ sessionResumptionUpdate: {} })],
    [
      'the model goes on thinking',
      (scene) => scene.peer.send({ serverContent: { turnComplete: true, interactionStatus: 'IN_PROGRESS' } }),
    ],
  ] satisfies readonly (readonly [string, (scene: KeptScene) => void])[])(
    'not while %s, unless there is no time left',
    async (_why, begin) => {
      const scene = await scenes.open();
      scene.peer.giveHandle('h-1');
      begin(scene);
      await scene.settled();
      await goAway(scene, '6.5s');
      await stays(scene, 1_400);
      await scene.clock.advance(100);
      expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-1' });
    },
  );

  it('not while a blocking tool is awaited, also one that the handle knows', async () => {
    const tools = [{ name: 'f', description: '', parametersJsonSchema: {}, behavior: 'BLOCKING' as const }];
    const scene = await scenes.open({ tools });
    scene.peer.send(call('c-1'));
    scene.peer.completeTurn('h-1');
    await scene.settled();
    await goAway(scene, '50s');
    await stays(scene);
    scene.connection.sendToolResponse([{ id: 'c-1', name: 'f', response: {} }]);
    await scene.told(1);
    scene.peer.answer('done', 'h-2');
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-2' });
  });

  it('while a tool runs that the model does not wait for, whose result then goes to the new one', async () => {
    const scene = await scenes.open();
    scene.peer.send(call('c-1'));
    scene.peer.completeTurn('h-1');
    await scene.settled();
    await goAway(scene, '50s');
    await scene.socket(2);
    await scene.hears((message) => message.resumed);
    scene.connection.sendToolResponse([{ id: 'c-1', name: 'f', response: {} }]);
    expect(summary(await scene.told(1))).toEqual(['toolResponse:c-1']);
    expect(scene.heard.messages.some((message) => message.cancelledToolCallIds)).toBe(false);
  });

  it('twenty times within seconds (E10)', async () => {
    const scene = await scenes.open();
    for (let i = 1; i <= 20; i++) {
      scene.peer.giveHandle(`h-${i}`);
      scene.peer.send({ goAway: { timeLeft: '1s' } });
      const next = await scene.socket(i + 1);
      expect(next.resumption).toEqual({ handle: `h-${i}` });
      await vi.waitFor(() => expect(scene.counters.resumes.go_away).toBe(i), { interval: 2 });
    }
    expect(scene.heard.ends).toEqual([]);
    expect(scene.server.openSockets).toBe(1);
  });

  it.each([
    ['0s', 0],
    ['0.5s', 400],
    ['2s', 1_600],
  ])('before the end of a time as short as %s, with the handle that there is', async (timeLeft, afterMs) => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await goAway(scene, '50s').catch(() => undefined);
    const second = await scene.socket(2);
    scene.text('question');
    await scene.told(1);
    second.speak('an');
    // The turn has no handle, and the server says so: that is waited for, but not longer than there is time.
    second.answer('swer');
    second.send({ sessionResumptionUpdate: {} });
    await scene.settled();
    second.send({ goAway: { timeLeft } });
    if (afterMs > 0) {
      await scene.settled();
      await stays(scene, afterMs - 1);
      await scene.clock.advance(1);
    }
    expect((await scene.socket(3)).resumption).toEqual({ handle: 'h-1' });
  });

  it('before the end of a short time also without any handle, and told the history', async () => {
    const history = (): readonly Content[] => [{ role: 'user', parts: [{ text: 'hi' }] }];
    const scene = await scenes.open({ history });
    scene.peer.send({ goAway: { timeLeft: '1s' } });
    await scene.settled();
    await stays(scene, 799);
    await scene.clock.advance(1);
    expect((await scene.socket(2)).resumption).toEqual({});
    expect(await scene.hears((message) => message.restarted)).toEqual({ seededWith: 'history' });
  });

  it('twenty times a second apart, in the middle of replies and with no new handle (E10)', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.text('question');
    await scene.told(1);
    for (let i = 1; i <= 20; i++) {
      scene.peer.speak('so');
      scene.peer.send({ goAway: { timeLeft: '1s' } });
      await scene.settled();
      await scene.clock.advance(800);
      const next = await scene.socket(i + 1);
      expect(next.resumption).toEqual({ handle: 'h-1' });
      await vi.waitFor(() => expect(scene.counters.resumes.go_away).toBe(i), { interval: 2 });
      expect(summary(await scene.told(1))).toEqual(['text:question']);
    }
    expect(scene.heard.ends).toEqual([]);
    expect(scene.server.openSockets).toBe(1);
    expect(scene.counters).toMatchObject({ cutTurns: 20, abandoned: 0, connectFailures: 0 });
  });

  it('when it is asked to, at the next silent moment', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.peer.speak('one');
    await scene.settled();
    const rotated = scene.connection.rotate(5_000);
    await stays(scene);
    scene.peer.completeTurn('h-2');
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-2' });
    expect(await rotated).toBe('rotated');
    expect((await scene.hears((message) => message.resumed)).reason).toBe('asked');
  });

  it('when it is asked to, at the deadline', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.peer.speak('one');
    await scene.settled();
    const rotated = scene.connection.rotate(5_000);
    await stays(scene, 4_900);
    await scene.clock.advance(100);
    await scene.socket(2);
    expect(await rotated).toBe('rotated');
  });

  it('no more after it has ended, and says so', async () => {
    const scene = await scenes.open();
    const asked = scene.connection.rotate(5_000);
    scene.connection.close();
    expect(await asked).toBe('ended');
    expect(await scene.connection.rotate()).toBe('ended');
    expect(await scene.heard.ended()).toEqual({ kind: 'client_closed' });
  });

  it('within the grace time, when the old one does not say goodbye', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.peer.freeze();
    const rotated = scene.connection.rotate();
    await scene.clock.advance(900);
    expect(scene.server.peers).toHaveLength(1);
    await scene.clock.advance(100);
    await scene.socket(2);
    expect(await rotated).toBe('rotated');
  });
});

function call(id: string): object {
  return { toolCall: { functionCalls: [{ id, name: 'f', args: {} }] } };
}
