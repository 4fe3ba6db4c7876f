import type { FunctionResponse } from '@parley/event';
import { ManualClock } from '@parley-testing/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { UnsavedResults, type AnsweredCall } from './unsaved-results.js';

const OLD: AnsweredCall = { newerThanHandle: false, blocking: false };
const NEW: AnsweredCall = { newerThanHandle: true, blocking: false };
const result = (id: string, more: Partial<FunctionResponse> = {}): FunctionResponse => ({
  id,
  name: 'f',
  response: {},
  ...more,
});

describe('UnsavedResults', () => {
  let clock: ManualClock;
  let results: UnsavedResults;
  let index: number;
  beforeEach(() => {
    clock = new ManualClock();
    results = new UnsavedResults(clock);
    index = 0;
  });

  function send(responses: readonly FunctionResponse[], call: AnsweredCall | undefined = OLD): void {
    results.sent({ responses, stamp: { index: ++index } }, () => call);
  }
  const ids = (): readonly (readonly string[])[] =>
    results.takeKnown().messages.map(({ responses }) => responses.map(({ id }) => id));

  it('gives them once, in the messages that they went in', () => {
    send([result('a'), result('b')]);
    send([result('c')]);
    expect(ids()).toEqual([['a', 'b'], ['c']]);
    expect(ids()).toEqual([]);
  });

  it('leaves out those whose calls the handle does not know', () => {
    send([result('new')], NEW);
    send([result('old')]);
    results.sent(
      { responses: [result('of another process'), result('')], stamp: { index: 3 } },
      () => undefined,
    );
    expect(ids()).toEqual([['old'], ['of another process']]);
  });

  it.each([
    ['the model went on to a turn of its own', OLD, 0, true, []],
    ['the model went on after a call that it waited for', { ...OLD, blocking: true }, 0, false, []],
    ['they are two seconds old', OLD, 2_000, undefined, []],
    ['only what trails the turn of the call has come', OLD, 1_999, false, [['a']]],
    ['nothing has come', OLD, 1_999, undefined, [['a']]],
  ] as const)('with a handle, when %s, keeps the right ones', async (_when, call, ageMs, began, kept) => {
    send([result('a')], call);
    await clock.advance(ageMs);
    if (began !== undefined) results.modelWentOn(began);
    results.handleIssued();
    expect(ids()).toEqual(kept);
  });

  it('keeps what had not left this side when the handle came', async () => {
    results.sent({ responses: [result('held')], stamp: { index: undefined } }, () => OLD);
    await clock.advance(10_000);
    results.handleIssued();
    expect(ids()).toEqual([['held']]);
  });

  it('counts a call as known by the handle that came after it', () => {
    send([result('a')], NEW);
    results.handleIssued();
    expect(ids()).toEqual([['a']]);
  });

  it('believes a provider that tells how far it has read', () => {
    for (const id of ['a', 'b', 'c']) send([result(id)]);
    results.consumed(2);
    expect(ids()).toEqual([['c']]);
  });

  it('knows whether the answer to a call that no handle knows is still to come', () => {
    send([result('old')]);
    send([result('quiet', { scheduling: 'SILENT' })], NEW);
    expect(results.answerAwaited).toBe(false);
    send([result('a')], NEW);
    expect(results.answerAwaited).toBe(true);
    results.modelWentOn(false);
    expect(results.answerAwaited).toBe(true);
    results.modelWentOn(true);
    expect(results.answerAwaited).toBe(false);
  });

  it('keeps 64 chunks of one call, and of more only the last', () => {
    send([result('other')]);
    for (let n = 1; n <= 64; n++) send([result('a', { response: { n }, willContinue: true })]);
    send([result('a', { response: { n: 65 } })]);
    const { lost, messages } = results.takeKnown();
    expect(messages.flatMap(({ responses }) => responses)).toEqual([
      result('other'),
      result('a', { response: { n: 65 } }),
    ]);
    expect(lost).toBe(64);
  });

  it('keeps 256 results and one mebibyte, the newest', () => {
    for (let n = 0; n < 300; n++) send([result(`r${n}`)]);
    expect(ids()).toHaveLength(256);
    const text = 'x'.repeat(400 * 1024);
    const media = [{ inlineData: { mimeType: 'image/png', data: new Uint8Array(300 * 1024) } }];
    send([result('a', { response: { text } })]);
    send([result('b', { response: { text } })]);
    send([result('c', { parts: media })]);
    expect(ids()).toEqual([['b'], ['c']]);
  });
});
