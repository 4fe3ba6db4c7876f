import { silence, speech } from '@parley-testing/emulator';
import { SessionBench, type SessionBenchOptions } from '@parley-testing/emulator';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { MemoryResumptionStore, type SessionSnapshot } from './resumption-store.js';
import { HANDLE_TTL_MS, Resumption } from './resumption.js';

const updates = (bench: SessionBench) =>
  bench.messages.flatMap(({ sessionResumptionUpdate }) => sessionResumptionUpdate ?? []);

/** Benches that share a clock and a store. */
function family(): (handle?: string, setup?: object, options?: SessionBenchOptions) => Promise<SessionBench> {
  const clock = new ManualClock();
  const resumption = new MemoryResumptionStore(clock);
  let opened = 0;
  return async (handle, setup = {}, options = {}) => {
    opened += 1;
    const bench = new SessionBench({ clock, resumption, seed: opened, id: `emu_${opened}`, ...options });
    const transparent = setup === TRANSPARENT;
    await bench.setUp({ sessionResumption: { handle, transparent }, ...(transparent ? {} : setup) });
    return bench;
  };
}

const TRANSPARENT = {};

const TOOL = {
  tools: [
    { functionDeclarations: [{ name: 'get_weather', parameters: { type: 'OBJECT', properties: {} } }] },
  ],
};

describe('handles', () => {
  const snapshot = { lineage: 'l' } as SessionSnapshot;
  const open = (clock: ManualClock, secret = 'one') => {
    let ids = 0;
    const store = new MemoryResumptionStore(clock);
    return (otherSecret = secret) =>
      new Resumption({ store, secret: otherSecret, ttlMs: HANDLE_TTL_MS, newId: () => `id${++ids}` });
  };

  it('bring their snapshot back any number of times, for two hours', async () => {
    const clock = new ManualClock();
    const resumption = open(clock)();
    const handle = await resumption.save('tester', snapshot);
    await clock.advance(HANDLE_TTL_MS - 1);
    expect(await resumption.load('tester', handle)).toEqual(snapshot);
    expect(await resumption.load('tester', handle)).toEqual(snapshot);
    await clock.advance(1);
    expect(await resumption.load('tester', handle)).toBeUndefined();
  });

  it('are nothing for other owners, under another secret, or with anything changed', async () => {
    const make = open(new ManualClock());
    const handle = await make().save('tester', snapshot);
    expect(await make().load('another', handle)).toBeUndefined();
    expect(await make('two').load('tester', handle)).toBeUndefined();
    for (const wrong of [`${handle}x`, handle.slice(0, -1), handle.replace('id1', 'id2'), 'id1', '', '.']) {
      expect(await make().load('tester', wrong)).toBeUndefined();
    }
  });
});

describe('a resumed session', () => {
  it('remembers the turns before its handle, also when two resume it at once', async () => {
    const open = family();
    const first = await open();
    await first.write('My name is Alice.');
    await first.untilResumable();
    first.close();
    for (const again of [await open(first.handle), await open(first.handle)]) {
      again.forget();
      await again.write('What is my name?');
      await again.untilTurnComplete();
      expect(again.said).toContain('Alice');
    }
  });

  it('does not know what came after the snapshot', async () => {
    const open = family();
    const first = await open();
    const handle = first.handle;
    await first.write('My name is Alice.');
    await first.until(({ kinds }) => kinds.includes('audio'));
    first.close();
    const again = await open(handle);
    await again.write('What is my name?');
    await again.untilTurnComplete();
    expect(again.said).not.toContain('Alice');
  });

  it('goes on counting its context where it was, its instruction once', async () => {
    const open = family();
    const setup = { systemInstruction: { parts: [{ text: 'y'.repeat(4_000) }] } };
    const first = await open(undefined, setup);
    await first.write('Hello');
    await first.untilResumable();
    const again = await open(first.handle, setup);
    again.forget();
    await again.write('Hello');
    await again.untilTurnComplete();
    const prompt = again.messages.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata;
    expect(prompt?.promptTokenCount).toBeGreaterThan(1_020);
    expect(prompt?.promptTokenCount).toBeLessThan(1_999);
  });
});

describe('while a call waits for its answer', () => {
  it('no handle is offered; after the answer and its turn there is one again', async () => {
    const open = family();
    const bench = await open(undefined, TOOL);
    await bench.write('What is the weather?');
    await bench.untilTurnComplete();
    await bench.clock.advance(5_000);
    expect(updates(bench).map(({ resumable = false }) => resumable)).toEqual([true, false]);
    const response = { name: 'get_weather', response: { output: 'Sunny.' }, scheduling: 'SILENT' };
    await bench.send({ toolResponse: { functionResponses: [response] } });
    expect(updates(bench).map(({ resumable = false }) => resumable)).toEqual([true, false, true]);
  });

  it('a handle that is offered all the same takes the call along', async () => {
    const open = family();
    const options = { behaviour: { resumableWhileCalling: true } };
    const first = await open(undefined, TOOL, options);
    await first.write('What is the weather?');
    await first.untilResumable();
    const id = first.messages.flatMap(({ toolCall }) => toolCall?.functionCalls ?? [])[0]?.id;
    const again = await open(first.handle, TOOL, options);
    const response = { id, name: 'get_weather', response: { output: 'It is sunny.' } };
    await again.send({ toolResponse: { functionResponses: [response] } });
    await again.untilTurnComplete();
    expect(again.said).toContain('It is sunny.');
  });
});

describe('transparent resumption', () => {
  it('says every so many messages how far it is, while nothing is being said', async () => {
    const open = family();
    const bench = await open(undefined, TRANSPARENT, { behaviour: { updateEveryMessages: 20 } });
    await bench.hear(silence(10_000));
    const indices = updates(bench).map(({ lastConsumedClientMessageIndex: index = '0' }) => Number(index));
    expect(indices).toHaveLength(6);
    for (const [n, index] of indices.entries()) {
      expect(index).toBeLessThanOrEqual(n * 20);
      expect(index).toBeGreaterThanOrEqual(Math.max(0, n * 20 - 10));
    }
  });

  it.each([0, 3, 9, 14, 17, 22, 26, 33])(
    'loses no word and doubles none when the line breaks after message %i of speech',
    async (breakAfter) => {
      const open = family();
      const question = 'What is two plus three?';
      const pcm = speech(question, { leadMs: 700, tailMs: 1_200 });
      const chunks = Array.from({ length: Math.ceil(pcm.length / 3_200) }, (_, index) => {
        const data = Buffer.from(pcm.subarray(index * 3_200, (index + 1) * 3_200)).toString('base64');
        return { realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } };
      });
      const first = await open(undefined, TRANSPARENT, { behaviour: { updateEveryMessages: 4 } });
      const feed = async (bench: SessionBench, messages: readonly object[]): Promise<void> => {
        for (const message of messages) {
          await bench.send(message);
          await bench.clock.advance(100);
        }
      };
      await feed(first, chunks.slice(0, breakAfter));
      const newest = updates(first).findLast(({ newHandle }) => newHandle);
      const consumed = Number(newest?.lastConsumedClientMessageIndex ?? 0);
      first.close();
      const again = await open(first.handle, TRANSPARENT, { behaviour: { updateEveryMessages: 4 } });
      await feed(again, chunks.slice(consumed));
      await again.hear(silence(1_000));
      await again.untilResumable();
      expect(again.transcript.filter(({ role }) => role === 'user').map(({ text }) => text)).toEqual([
        question,
      ]);
    },
  );
});
