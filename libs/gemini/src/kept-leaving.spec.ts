import { afterEach, describe, expect, it } from 'vitest';
import { KeptScenes } from './testing/kept-scene.js';

const scenes = new KeptScenes();
afterEach(() => scenes.close());

describe('whether a conversation could be left', () => {
  it('is so when the model has answered and the handle of it is there', async () => {
    const scene = await scenes.open();
    expect(scene.connection.safeToLeave).toBe(false);
    scene.peer.giveHandle('h-1');
    await scene.settled();
    expect(scene.connection.safeToLeave).toBe(true);
    scene.text('Hello.');
    expect(scene.connection.safeToLeave).toBe(false);
    scene.peer.answer('Hi.');
    await scene.settled();
    expect(scene.connection.safeToLeave).toBe(false);
    scene.peer.giveHandle('h-2');
    await scene.settled();
    expect(scene.connection.safeToLeave).toBe(true);
  });

  it('is not so while a call waits for its answer, nor without a socket', async () => {
    const tools = [
      { name: 'look', description: 'Looks.', parametersJsonSchema: {}, behavior: 'BLOCKING' as const },
    ];
    const scene = await scenes.open({ tools });
    scene.peer.send({ toolCall: { functionCalls: [{ id: 'c', name: 'look', args: {} }] } });
    scene.peer.giveHandle('h-1');
    await scene.settled();
    expect(scene.connection.safeToLeave).toBe(false);
    await scene.cut();
    expect(scene.connection.safeToLeave).toBe(false);
  });
});

describe('how much audio has to be heard again', () => {
  it('is what the model has not answered and no handle holds', async () => {
    const scene = await scenes.open();
    expect(scene.connection.unsettledAudioMs).toBe(0);
    for (const name of [1, 2, 3]) scene.audio(name);
    expect(scene.connection.unsettledAudioMs).toBe(300);
    scene.peer.answer('I heard you.');
    await scene.settled();
    expect(scene.connection.unsettledAudioMs).toBe(0);
    for (let name = 0; name < 150; name++) scene.audio(name);
    expect(scene.connection.unsettledAudioMs).toBe(10_000);
    await scene.clock.advance(1_500);
    scene.audio(4);
    scene.peer.giveHandle('h-1');
    await scene.settled();
    expect(scene.connection.unsettledAudioMs).toBe(100);
  });
});

describe('whether the handle was taken', () => {
  it('is told of the first socket', async () => {
    const taken = await scenes.open({ sessionResumption: { handle: 'mine' } });
    expect(taken.connection.resumed).toBe(true);
    const none = await scenes.open();
    expect(none.connection.resumed).toBe(false);
    const refused = await scenes.open(
      { sessionResumption: { handle: 'stale' } },
      {
        onSetup: (peer) => {
          if (JSON.stringify(peer.resumption).includes('stale'))
            peer.close(1007, 'Request contains an invalid argument.');
          else peer.send({ setupComplete: {} });
        },
      },
    );
    expect(refused.connection.resumed).toBe(false);
  });
});

describe('a conversation that may not dial', () => {
  it('waits until it may, with the first socket and with the next', async () => {
    let allow: () => void = () => undefined;
    let held: Promise<void> | undefined;
    const hold = (): void => void (held = new Promise((resolve) => (allow = resolve)));
    const mayDial = (): Promise<void> | undefined => held;
    hold();
    const opening = scenes.open({ mayDial });
    allow();
    const scene = await opening;
    scene.peer.giveHandle('h-1');
    await scene.settled();
    hold();
    await scene.cut();
    await scene.clock.advance(5_000);
    expect(scene.server.requests).toHaveLength(1);
    allow();
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-1' });
  });
});

describe('a conversation whose signal aborts', () => {
  it('is off its socket a quarter of a second later, though the provider does not say goodbye', async () => {
    const abort = new AbortController();
    const scene = await scenes.open({}, {}, {}, abort.signal);
    scene.peer.freeze();
    abort.abort();
    scene.connection.close();
    expect(scene.heard.ends).toEqual([]);
    await scene.clock.advance(250);
    expect(await scene.heard.ended()).toEqual({ kind: 'client_closed' });
    expect(scene.clock.running).toBe(0);
  });

  it('does not wait longer for a socket that it had given up already', async () => {
    const abort = new AbortController();
    const scene = await scenes.open({}, {}, {}, abort.signal);
    scene.peer.freeze();
    void scene.connection.rotate(0);
    await scene.clock.advance(100);
    abort.abort();
    await scene.clock.advance(250);
    expect(await scene.heard.ended()).toEqual({ kind: 'client_closed' });
  });
});
