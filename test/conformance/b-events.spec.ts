import { eventToAdkJson, type Event } from '@parley/event';
import type { ResumptionSeal } from '@parley/live';
import { describe, expect, it } from 'vitest';
import { conversations, MODELS } from './support/conversations.js';
import {
  caption,
  generationComplete,
  heard,
  interrupted,
  parts,
  resumption,
  text,
  toolCallCancellation,
  turnComplete,
  usage,
  voice,
  voicePart,
} from './support/messages.js';

const conversation = conversations();
/** A model that answers in text. */
const writing = { model: MODELS.halfCascade, runConfig: { responseModalities: ['TEXT'] } };

const textOf = (event: Event): string | undefined => event.content?.parts[0]?.text;
const seal = {
  seal: (handle: string) => `sealed:${Buffer.from(handle).toString('hex')}`,
  open: (token: string) => Buffer.from(token.slice('sealed:'.length), 'hex').toString(),
} satisfies ResumptionSeal;

describe('B. Events', () => {
  it('B1 gives the events of a run one invocation and ids of their own', async () => {
    const call = await conversation();
    call.model.send(heard('hello'), voice(), caption('hi'), usage({ totalTokenCount: 3 }), turnComplete());
    await call.event({ turnComplete: true });
    const events = await call.end();
    expect(events.length).toBeGreaterThan(5);
    const [{ invocationId }] = events as [Event];
    expect(invocationId).toMatch(/^e-./);
    expect(events.every((event) => event.invocationId === invocationId)).toBe(true);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  });

  it('B2 names the user as author of what was heard, the agent of what was said', async () => {
    const call = await conversation();
    call.model.send(heard('hello', { finished: true }), voice(), caption('hi'), text('hi'), turnComplete());
    await call.event({ turnComplete: true });
    const authors = call.events.map((event) => [event.inputTranscription !== undefined, event.author]);
    expect(authors.filter(([isHeard]) => isHeard)).toEqual([
      [true, 'user'],
      [true, 'user'],
    ]);
    expect(new Set(authors.filter(([isHeard]) => !isHeard).map(([, author]) => author))).toEqual(
      new Set(['greeter']),
    );
  });

  it('B3 tells text as deltas, then whole, then the end of the turn alone', async () => {
    const call = await conversation(writing);
    call.model.send(text('Hello'), text(' world'), turnComplete());
    await call.event({ turnComplete: true });
    expect(
      call.events.map((event) => ({ text: textOf(event), partial: event.partial, end: event.turnComplete })),
    ).toEqual([
      { text: 'Hello', partial: true, end: undefined },
      { text: ' world', partial: true, end: undefined },
      { text: 'Hello world', partial: false, end: undefined },
      { text: undefined, partial: undefined, end: true },
    ]);
  });

  it('B4 merges a thought and the answer behind it into a text each', async () => {
    const call = await conversation(writing);
    call.model.send(
      parts({ text: 'Let me ', thought: true }),
      parts({ text: 'see.', thought: true }),
      text('It is '),
      text('noon.'),
      turnComplete(),
    );
    await call.event({ turnComplete: true });
    const merged = call.eventsWith({ content: {}, partial: false }).map((event) => event.content?.parts);
    expect(merged).toEqual([[{ text: 'Let me see.', thought: true }], [{ text: 'It is noon.' }]]);
    expect(call.kinds).toEqual([
      'partial thought "Let me "',
      'partial thought "see."',
      'thought "Let me see."',
      'partial text "It is "',
      'partial text "noon."',
      'text "It is noon."',
      'turnComplete',
    ]);
  });

  it('B5 keeps text and media of one message, in their order', async () => {
    const call = await conversation(writing);
    call.model.send(parts({ text: 'Listen:' }, voicePart(40, 9)), turnComplete());
    await call.event({ turnComplete: true });
    const told = call.events.flatMap((event) => event.content?.parts ?? []);
    const at = (wanted: (part: (typeof told)[number]) => boolean): number => told.findIndex(wanted);
    const textAt = at((part) => part.text === 'Listen:');
    const audioAt = at((part) => part.inlineData !== undefined);
    expect(textAt).toBeGreaterThanOrEqual(0);
    expect(audioAt).toBeGreaterThan(textAt);
    expect(told[audioAt]?.inlineData?.data).toEqual(new Uint8Array(1_920).fill(9));
  });

  it('B6 reports output tokens under both names, whichever the model used', async () => {
    const call = await conversation();
    call.model.send(usage({ responseTokenCount: 7 }), usage({ candidatesTokenCount: 8 }), turnComplete());
    await call.event({ turnComplete: true });
    expect(call.eventsWith({ usageMetadata: {} }).map((event) => event.usageMetadata)).toMatchObject([
      { candidatesTokenCount: 7, responseTokenCount: 7 },
      { candidatesTokenCount: 8, responseTokenCount: 8 },
    ]);
  });

  it('B7 tells grounding at once, and again with the end of the turn', async () => {
    const call = await conversation();
    const groundingMetadata = { webSearchQueries: ['weather in Paris'] };
    call.model.send({ serverContent: { groundingMetadata } });
    const alone = await call.event({ groundingMetadata });
    expect(alone.turnComplete).toBeUndefined();
    call.model.send(voice(), turnComplete(), voice(), turnComplete());
    expect(await call.event({ turnComplete: true })).toMatchObject({ groundingMetadata });
    await call.until('two ends of turns', () => call.eventsWith({ turnComplete: true }).length === 2);
    expect(call.eventsWith({ turnComplete: true })[1]?.groundingMetadata).toBeUndefined();
    expect(call.eventsWith({ groundingMetadata: {} })).toHaveLength(2);
  });

  it('B7 does not repeat grounding at the end of the turn when a text took it along', async () => {
    const call = await conversation(writing);
    const groundingMetadata = { webSearchQueries: ['weather in Paris'] };
    call.model.send({ serverContent: { groundingMetadata } }, text('Sunny.'), turnComplete());
    const end = await call.event({ turnComplete: true });
    expect(await call.event({ partial: false })).toMatchObject({
      content: { parts: [{ text: 'Sunny.' }] },
      groundingMetadata,
    });
    expect(end.groundingMetadata).toBeUndefined();
  });

  it('B8 puts the reason for which a turn ended on the event that ends it', async () => {
    const call = await conversation();
    call.model.send(turnComplete({ turnCompleteReason: 'PROHIBITED_INPUT_CONTENT' }));
    expect(await call.event({ turnComplete: true })).toMatchObject({
      turnCompleteReason: 'PROHIBITED_INPUT_CONTENT',
    });
  });

  it("B9 puts the run's metadata on every event, beneath the event's own", async () => {
    const blocked = { content: { role: 'model' as const, parts: [{ text: 'No.' }] } };
    const call = await conversation({
      runConfig: { customMetadata: { a: 1 } },
      agentConfig: { beforeModelCallback: () => ({ ...blocked, customMetadata: { a: 2, b: 3 } }) },
    });
    call.model.send(caption('hi'), turnComplete());
    await call.event({ turnComplete: true });
    call.queue.sendContent({ parts: [{ text: 'may I?' }] });
    const own = await call.event(blocked);
    expect(own.customMetadata).toEqual({ a: 2, b: 3 });
    const others = call.events.filter((event) => event !== own);
    expect(others.length).toBeGreaterThan(1);
    expect(others.every((event) => JSON.stringify(event.customMetadata) === '{"a":1}')).toBe(true);
  });

  it("B10 tells what the model's voice detection reports", async () => {
    const call = await conversation();
    call.model.send(
      { voiceActivity: { type: 'ACTIVITY_START', audioOffset: '1.5s' } },
      { voiceActivity: { type: 'ACTIVITY_END', audioOffset: '2.25s' } },
    );
    await call.event({ voiceActivity: { voiceActivityType: 'ACTIVITY_END' } });
    expect(call.events.map((event) => event.voiceActivity)).toEqual([
      { voiceActivityType: 'ACTIVITY_START', audioOffset: '1.5s' },
      { voiceActivityType: 'ACTIVITY_END', audioOffset: '2.25s' },
    ]);
  });

  it("B11 writes events as ADK's JSON: no nulls, camelCase, seconds, base64 that atob takes", async () => {
    const call = await conversation();
    call.model.send(
      parts({ inlineData: { mimeType: 'audio/pcm;rate=24000', data: '++//' } }),
      caption('hi'),
      turnComplete(),
    );
    await call.event({ turnComplete: true });
    for (const event of call.events) {
      const json = JSON.stringify(eventToAdkJson(event));
      expect(json).not.toContain('null');
      expect([...json.matchAll(/"(\w+)":/g)].filter(([, name]) => name?.includes('_'))).toEqual([]);
      expect(JSON.parse(json)).toMatchObject({ timestamp: event.timestamp / 1_000 });
    }
    const written = JSON.stringify(call.events.map(eventToAdkJson));
    const [, data = ''] = /"data":"([^"]+)"/.exec(written) ?? [];
    expect([...atob(data)].map((byte) => byte.charCodeAt(0))).toEqual([0xfb, 0xef, 0xff]);
  });

  it('B12 seals the resumption handle on its way to the client and to the store', async () => {
    const call = await conversation({ seal });
    call.model.send(resumption('the-raw-handle'));
    const { liveSessionResumptionUpdate: update } = await call.event({ liveSessionResumptionUpdate: {} });
    expect(update).toMatchObject({ resumable: true });
    expect(seal.open(update?.newHandle ?? '')).toBe('the-raw-handle');
    await call.end();
    expect(JSON.stringify([call.events, await call.stored()])).not.toContain('the-raw-handle');
  });

  it('B12 leaves the resumption handle out where there is no seal', async () => {
    const call = await conversation();
    call.model.send(resumption('the-raw-handle'), turnComplete());
    await call.event({ turnComplete: true });
    await call.end();
    const updates = call.eventsWith({ liveSessionResumptionUpdate: {} });
    expect(updates).toMatchObject([{ liveSessionResumptionUpdate: { resumable: true } }]);
    expect(updates[0]?.liveSessionResumptionUpdate).not.toHaveProperty('newHandle');
    expect(JSON.stringify([call.events, await call.stored()])).not.toContain('the-raw-handle');
  });

  it('B13 tells the text that was pending and that it was interrupted', async () => {
    const call = await conversation(writing);
    call.model.send(text('Once upon'), text(' a time'), interrupted(), turnComplete());
    await call.event({ turnComplete: true });
    expect(call.kinds).toEqual([
      'partial text "Once upon"',
      'partial text " a time"',
      'text "Once upon a time"',
      'interrupted',
      'turnComplete',
    ]);
  });

  it('B14 puts both flags of one message on one event', async () => {
    const call = await conversation();
    call.model.send(
      voice(),
      interrupted({ turnComplete: true }),
      voice(),
      generationComplete(),
      turnComplete(),
    );
    await call.event({ turnComplete: true, interrupted: undefined });
    const flagged = call.events.filter((event) => event.interrupted || event.turnComplete);
    expect(flagged.map(({ interrupted, turnComplete }) => ({ interrupted, turnComplete }))).toEqual([
      { interrupted: true, turnComplete: true },
      { turnComplete: true },
    ]);
  });

  it('B15 names the calls that the model takes back', async () => {
    const call = await conversation();
    call.model.send(toolCallCancellation('call-1', 'call-2'));
    const event = await call.event({ cancelledToolCallIds: [] });
    expect(event.cancelledToolCallIds).toEqual(['call-1', 'call-2']);
  });

  it('B16 numbers the events of a run from 1 without a gap', async () => {
    const call = await conversation();
    call.queue.sendContent({ parts: [{ text: 'hello' }] });
    call.model.send(heard('hello'), voice(), caption('hi'), voice(), interrupted(), turnComplete());
    call.model.send(voice(), caption('again'), usage({ totalTokenCount: 3 }), turnComplete());
    await call.until('two ends of turns', () => call.eventsWith({ turnComplete: true }).length === 2);
    const events = await call.end();
    const numbers = events.flatMap((event) => event.seq ?? []);
    expect(numbers.length).toBeGreaterThan(6);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    const unnumbered = events.filter((event) => event.seq === undefined);
    expect(unnumbered.every((event) => event.content?.parts.some((part) => part.inlineData))).toBe(true);
  });
});
