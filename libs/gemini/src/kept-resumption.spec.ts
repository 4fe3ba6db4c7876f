import { afterEach, describe, expect, it, vi } from 'vitest';
import { said } from './testing/live-scene.js';
import { KeptScenes, summary } from './testing/kept-scene.js';

const HISTORY = [
  { role: 'user' as const, parts: [{ text: 'my name is Ann' }] },
  { role: 'user' as const, parts: [{ text: 'For context:\n[agent] said: hello Ann' }] },
];

describe('a conversation with a Gemini Live model is taken up again', () => {
  const scenes = new KeptScenes();
  afterEach(() => scenes.close());

  it('with the newest handle, and asks for handles from the start (E4)', async () => {
    const scene = await scenes.open({ history: () => HISTORY });
    const first = scene.peer;
    expect(first.resumption).toEqual({});
    await said(scene, 1);
    first.giveHandle('h-1');
    first.giveHandle('h-2');
    await scene.settled();
    first.close(1000);
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({ handle: 'h-2' });
    expect(second.setup).not.toHaveProperty('historyConfig');
    const { gapMs, reason } = await scene.hears((message) => message.resumed);
    expect(reason).toBe('lost');
    expect(gapMs).toBeGreaterThanOrEqual(250);
    expect(await scene.told(0)).toEqual([]);
    second.giveHandle('h-3');
    await scene.settled();
    second.reset();
    expect((await scene.socket(3)).resumption).toEqual({ handle: 'h-3' });
    expect(scene.heard.ends).toEqual([]);
  });

  it.each([1000, 1001, 1006, 1008, 1011, 1012, 1013])('after %i (E7)', async (code) => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    await scene.settled();
    if (code === 1006) scene.peer.reset();
    else scene.peer.close(code);
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-1' });
    await scene.hears((message) => message.resumed);
    expect(scene.counters.resumes).toMatchObject({ lost: 1 });
  });

  it('with the handle before, when the session is not resumable just now (E5), and passes every update on', async () => {
    const scene = await scenes.open();
    scene.peer.giveHandle('h-1');
    scene.peer.send({ sessionResumptionUpdate: { newHandle: '', resumable: false } });
    await scene.settled();
    expect(scene.heard.messages.flatMap((message) => message.sessionResumptionUpdate ?? [])).toEqual([
      { newHandle: 'h-1', resumable: true },
      { resumable: false },
    ]);
    scene.peer.reset();
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-1' });
  });

  it('anew rather than with a handle from before a turn, where the history can be told', async () => {
    for (const [history, resumption] of [
      [() => HISTORY, {}],
      [undefined, { handle: 'h-1' }],
    ] as const) {
      const scene = await scenes.open(history ? { history } : {});
      scene.peer.giveHandle('h-1');
      await scene.settled();
      scene.peer.send({ serverContent: { modelTurn: { parts: [{ text: 'Noted.' }] } } });
      scene.peer.send({ serverContent: { turnComplete: true } });
      await scene.settled();
      scene.peer.reset();
      expect((await scene.socket(2)).resumption).toEqual(resumption);
    }
  });

  it('with a handle only as long as it is good', async () => {
    const scene = await scenes.open({ history: () => HISTORY });
    scene.peer.giveHandle('h-1');
    await scene.settled();
    for (let minutes = 0; minutes < 120; minutes++) {
      // The far end answers pings in real time only.
      scene.peer.send({ usageMetadata: { totalTokenCount: 1 } });
      await scene.settled();
      await scene.clock.advance(30_000);
      await scene.settled();
      await scene.clock.advance(30_000);
    }
    scene.peer.reset();
    expect((await scene.socket(2)).resumption).toEqual({});
    await scene.hears((message) => message.restarted);
  });

  it('anew, and told the history of now, when there is no handle (E8)', async () => {
    const history = vi.fn(() => HISTORY);
    const scene = await scenes.open({ history });
    await said(scene, 1);
    history.mockReturnValue([...HISTORY, { role: 'user', parts: [{ text: 'one more' }] }]);
    scene.peer.reset();
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({});
    expect(second.setup).toMatchObject({ historyConfig: { initialHistoryInClientContent: true } });
    expect(await scene.hears((message) => message.restarted)).toEqual({ seededWith: 'history' });
    const [seed] = await scene.told(1);
    expect(seed).toMatchObject({ clientContent: { turnComplete: true } });
    expect(summary([seed])).toEqual([expect.stringMatching(/my name is Ann.*one more$/)]);
    expect(scene.counters.restarts).toEqual({ history: 1, summary: 0, nothing: 0 });
    expect(scene.heard.messages.some((message) => message.resumed)).toBe(false);
  });

  it('anew when the provider refuses the handle, and not with that handle again', async () => {
    const scene = await scenes.open(
      { history: () => HISTORY },
      {
        onSetup: (peer) => {
          const handle = JSON.stringify(peer.resumption).includes('h-1');
          if (handle) peer.close(1008, 'Requested entity was not found.');
          else peer.send({ setupComplete: {} });
        },
      },
    );
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.peer.reset();
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'h-1' });
    expect((await scene.socket(3)).resumption).toEqual({});
    expect(await scene.hears((message) => message.restarted)).toEqual({ seededWith: 'history' });
    scene.peer.reset();
    expect((await scene.socket(4)).resumption).toEqual({});
  });

  it('anew when the resumed session breaks down as the lost one did (1011)', async () => {
    const scene = await scenes.open({ history: () => HISTORY });
    scene.peer.giveHandle('h-1');
    await scene.settled();
    scene.peer.close(1011, 'Internal error encountered.');
    const second = await scene.socket(2);
    expect(second.resumption).toEqual({ handle: 'h-1' });
    await scene.hears((message) => message.resumed);
    second.close(1011, 'Internal error encountered.');
    expect((await scene.socket(3)).resumption).toEqual({});
    await scene.hears((message) => message.restarted);
  });

  it('with less and less history, when history is what makes the server close', async () => {
    const long = Array.from({ length: 200 }, (_, turn) => ({
      role: 'user' as const,
      parts: [{ text: `word number ${turn} of the conversation` }],
    }));
    const scene = await scenes.open({ history: () => long });
    for (const peers of [1, 2]) {
      const peer = await scene.socket(peers);
      await vi.waitFor(() => expect(peer.messages).toHaveLength(1));
      peer.close(1007, 'Request contains an invalid argument.');
    }
    const third = await scene.socket(3);
    await scene.hears((message) => (message.restarted?.seededWith === 'nothing' ? true : undefined));
    expect(await scene.told(0, third)).toEqual([]);
    const [seed] = scene.server.peers[1]?.messages ?? [];
    const turns = JSON.stringify(seed);
    expect(turns).toContain('Summary of the conversation so far:');
    expect(turns).toContain('word number 199');
    expect(turns.length).toBeLessThan(2_200);
    expect(scene.counters.restarts).toEqual({ history: 0, summary: 1, nothing: 1 });
  });

  it('from the handle that the caller has, without history', async () => {
    const scene = await scenes.open({ history: () => HISTORY, sessionResumption: { handle: 'theirs' } });
    expect(scene.peer.resumption).toEqual({ handle: 'theirs' });
    expect(await scene.told(0)).toEqual([]);
    expect(scene.heard.messages.some((message) => message.restarted)).toBe(false);
    scene.peer.reset();
    expect((await scene.socket(2)).resumption).toEqual({ handle: 'theirs' });
  });

  it.each([
    [1007, 'Request contains an invalid argument.'],
    [1008, 'Session not found.'],
    [1011, 'Internal error encountered.'],
  ])('anew when the caller’s handle is refused with %i %j', async (code, reason) => {
    const scene = await scenes.open(
      { history: () => HISTORY, sessionResumption: { handle: 'stale' } },
      {
        onSetup: (peer) => {
          if (JSON.stringify(peer.resumption).includes('stale')) peer.close(code, reason);
          else peer.send({ setupComplete: {} });
        },
      },
    );
    expect(await scene.hears((message) => message.restarted)).toEqual({ seededWith: 'history' });
    expect(await scene.told(1)).toHaveLength(1);
    expect(scene.server.peers).toHaveLength(2);
  });

  it('not at all with bad credentials, whoever’s handle it is', async () => {
    const opening = scenes.open(
      { sessionResumption: { handle: 'good' } },
      { onSetup: (peer) => peer.close(1007, 'API key not valid. Please pass a valid API key.') },
    );
    await expect(opening).rejects.toMatchObject({ code: 'provider_config' });
  });

  it('anew when handles are not asked for', async () => {
    const scene = await scenes.open({ history: () => HISTORY }, {}, { resumption: false });
    expect(scene.peer.resumption).toBeUndefined();
    scene.peer.giveHandle('unasked');
    await scene.settled();
    scene.peer.reset();
    expect((await scene.socket(2)).resumption).toBeUndefined();
    await scene.hears((message) => message.restarted);
  });
});
