import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GeminiLiveModel } from './gemini-live-model.js';
import { CountingClock } from './testing/counting-clock.js';
import { FakeLiveServer } from './testing/fake-live-server.js';
import { Heard } from './testing/live-scene.js';

const CYCLES = 1_000;
const CONFIG = { model: 'gemini-3.8-live', responseModalities: ['AUDIO'], tools: [] } as const;

describe('conversations with a Gemini Live model', () => {
  let server: FakeLiveServer | undefined;
  afterEach(() => server?.close());

  it(
    'leave no socket, timer or listener behind when they are connected, lost, resumed and closed',
    { timeout: 120_000 },
    async () => {
      const clock = new CountingClock();
      const far = await FakeLiveServer.start({
        onSetup: (peer) => {
          peer.send({ setupComplete: {} });
          peer.giveHandle('h');
        },
      });
      server = far;
      const provider = { kind: 'emulated', baseUrl: far.baseUrl } as const;
      const model = new GeminiLiveModel({ provider, clock });
      const { signal } = new AbortController();
      for (let i = 0; i < CYCLES; i++) {
        const connection = await model.connect(CONFIG, signal);
        const heard = new Heard();
        connection.listen(heard);
        await until(() => expect(heard.messages).toHaveLength(1));
        connection.sendContent({ parts: [{ text: 'hello' }] });
        if (i % 4 === 0) far.peer.reset();
        else if (i % 4 === 1) far.peer.close(1011);
        else if (i % 4 === 2) far.peer.send({ goAway: { timeLeft: '1s' } });
        else void connection.rotate(0);
        await until(async () => {
          await clock.advance(100);
          expect(heard.messages.some((message) => message.resumed)).toBe(true);
        });
        if (i % 5 === 0) far.peer.close(1007, 'Request contains an invalid argument.');
        else connection.close();
        await heard.ended();
        expect(clock.running).toBe(0);
        far.peers.length = 0;
        far.requests.length = 0;
      }
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      await until(() => expect(far.openSockets).toBe(0));
      expect(process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap')).toEqual([]);
      const { go_away: goAway, lost, asked } = model.counters.resumes;
      expect({ goAway, lost, asked }).toEqual({ goAway: 250, lost: 500, asked: 250 });
    },
  );
});

function until(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { interval: 1, timeout: 10_000 });
}
