import { readWatermark, startEmulator, type RunningEmulator } from '@parley/emulator';
import type { Event } from '@parley/event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import type { Caller } from '../support/caller.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

/** How much of the answer the caller hears. */
const HEARD_MS = 1_200;
/** How much has come by then: what is played is always behind. */
const RECEIVED_MS = 2_000;
/** The transcript does not say to the millisecond where a word is. */
const TOLERANCE_MS = 400;
const MODEL_BYTES_PER_MS = 48;

describe('what a session keeps of an answer that was not heard to its end', () => {
  let emulator: RunningEmulator;
  let service: Service;
  beforeAll(async () => {
    emulator = await startEmulator();
    service = await Service.start({ provider: { kind: 'emulator-at', url: emulator.url } });
  });
  afterAll(async () => {
    await service.stop();
    await emulator.close();
  });

  it.each([
    ['a message', (caller: Caller) => caller.client.interrupt()],
    ['speech', (caller: Caller) => caller.speak(speech('stop that now', { leadMs: 40, tailMs: 1_200 }), 3)],
  ])('is what was heard of it until %s interrupted it (C12)', async (means, interrupt) => {
    const caller = await listener(means);
    caller.client.reportPlayback(1, HEARD_MS - 200);
    await interrupt(caller);
    await until('the interruption', () => caller.heard.events.some((event) => event.interrupted));
    caller.client.reportPlayback(1, HEARD_MS, { last: true });
    await caller.end();
    expectWhatWasHeard(caller, await answerIn(caller));
  });

  it('is what was heard of it until the caller hung up', async () => {
    const caller = await listener('hanging up');
    caller.client.reportPlayback(1, HEARD_MS, { last: true });
    await caller.end();
    expectWhatWasHeard(caller, await answerIn(caller));
  });

  it('is what the model is told of it in the next call', async () => {
    const caller = await listener('next call');
    caller.client.reportPlayback(1, HEARD_MS, { last: true });
    caller.client.interrupt();
    await caller.end();
    const { text } = (await answerIn(caller)).outputTranscription ?? {};
    const next = await service.call({
      agent: 'storyteller',
      userId: caller.grant.userId,
      sessionId: caller.grant.sessionId,
    });
    const received = emulator
      .sessions()
      .at(-1)
      ?.events.filter(({ direction }) => direction === 'in');
    expect(JSON.stringify(received)).toContain(`[storyteller] said: ${text}"`);
    await next.end();
  });

  it('is all that was said where the client does not report what it plays, marked as interrupted', async () => {
    const caller = await listener('no reports');
    caller.client.interrupt();
    await until('the interruption', () => caller.heard.events.some((event) => event.interrupted));
    await caller.end();
    const kept = await answerIn(caller);
    expect(kept.interrupted).toBe(true);
    expect(kept.outputTranscription?.text).toBe(toldTo(caller));
  });

  /** Someone who has asked for a long story, and has its first seconds. */
  async function listener(userId: string): Promise<Caller> {
    const caller = await service.call({ agent: 'storyteller', userId });
    caller.client.sendText('Tell me a long story about the sea.');
    await until('the story has begun', () => audioOf(caller).byteLength >= RECEIVED_MS * MODEL_BYTES_PER_MS);
    return caller;
  }

  async function answerIn(caller: Caller): Promise<Event> {
    const spoken = (await service.stored(caller.grant)).filter((event) => event.outputTranscription);
    expect(spoken.length).toBeGreaterThan(0);
    return spoken[0] as Event;
  }
});

function expectWhatWasHeard(caller: Caller, kept: Event): void {
  const text = kept.outputTranscription?.text ?? '';
  expect(kept.interrupted).toBe(true);
  expect(text.startsWith(wordsWithin(caller, HEARD_MS - TOLERANCE_MS))).toBe(true);
  expect(wordsWithin(caller, HEARD_MS + TOLERANCE_MS).startsWith(text)).toBe(true);
  expect(toldTo(caller)?.length).toBeGreaterThan(text.length);
}

/** The whole transcript of the answer, as the caller was told it. */
function toldTo({ heard }: Caller): string | undefined {
  return heard.events.find((event) => event.outputTranscription?.finished)?.outputTranscription?.text;
}

/** The emulator hides its words where it speaks them. */
function wordsWithin(caller: Caller, ms: number): string {
  return readWatermark(audioOf(caller).subarray(0, ms * MODEL_BYTES_PER_MS));
}

function audioOf({ heard }: Caller): Uint8Array {
  return Buffer.concat(heard.audio.filter(({ turn }) => turn === 1).map(({ pcm }) => pcm));
}
