import { describe, expect, it } from 'vitest';
import { SessionBench, speech, silence } from '@parley-testing/emulator';

describe('a turn of text', () => {
  it('answers in audio with captions, then generationComplete, then turnComplete with usage', async () => {
    const bench = new SessionBench();
    await bench.setUp();
    await bench.write('Hello there');
    await bench.untilTurnComplete();
    expect(bench.kinds).toEqual(['setupComplete', 'audio', 'generationComplete', 'turnComplete']);
    expect(bench.said).toMatch(/emulator/);
    console.log(bench.said, JSON.stringify(bench.messages.at(-1)), bench.sent.map((s) => s.atMs).join(' '));
  });
  it('speech', async () => {
    const bench = new SessionBench();
    await bench.setUp();
    await bench.hear(speech('Tell me a story about a dragon.', { leadMs: 300, tailMs: 1200 }));
    await bench.until((b) => b.kinds.includes('audio'));
    await bench.hear(speech('Please stop it.', { leadMs: 100, tailMs: 1200 }));
    await bench.untilTurnComplete();
    console.log(bench.kinds, bench.heard, '|', bench.said.slice(0, 100));
    await bench.until((b) => b.kinds.at(-1) === 'turnComplete');
    console.log(bench.kinds, bench.heard, '|', bench.said.slice(0, 500));
  });
});
