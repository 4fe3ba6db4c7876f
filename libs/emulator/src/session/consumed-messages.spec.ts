import { expect, it } from 'vitest';
import { ConsumedMessages } from './consumed-messages.js';

const LAG_MS = 500;
const audio = (consumed: ConsumedMessages, count: number): void => {
  for (let i = 0; i < count; i++) {
    consumed.accept(1, false);
    consumed.heard(100);
  }
};

it('stays behind the microphone by the lag, and catches up with all that is not audio', () => {
  const consumed = new ConsumedMessages(LAG_MS);
  expect(consumed.index).toBe(0);
  audio(consumed, 10);
  expect(consumed.index).toBe(5);
  consumed.accept(0, true);
  expect(consumed.index).toBe(11);
  expect(consumed.count).toBe(11);
});

it('stays in front of speech until that is understood, and then is behind its end', () => {
  const consumed = new ConsumedMessages(LAG_MS);
  audio(consumed, 10);
  consumed.speechStarted();
  audio(consumed, 20);
  expect(consumed.index).toBe(5);
  consumed.speechEnded();
  audio(consumed, 1);
  expect(consumed.index).toBe(5);
  consumed.speechUnderstood();
  expect(consumed.index).toBe(30);
});

it('does not exist while something else came in during speech', () => {
  const consumed = new ConsumedMessages(LAG_MS);
  audio(consumed, 10);
  consumed.speechStarted();
  audio(consumed, 1);
  consumed.accept(0, true);
  expect(consumed.index).toBeUndefined();
  consumed.speechEnded();
  consumed.speechUnderstood();
  expect(consumed.index).toBe(12);
});

it('takes the marks of explicit activity in as one with the speech between them', () => {
  const consumed = new ConsumedMessages(LAG_MS);
  consumed.accept(1, false);
  consumed.speechStarted();
  consumed.heard(0);
  audio(consumed, 20);
  expect(consumed.index).toBe(0);
  consumed.accept(1, false);
  consumed.speechEnded();
  consumed.heard(0);
  expect(consumed.index).toBe(0);
  consumed.speechUnderstood();
  expect(consumed.index).toBe(22);
});

it('waits for an ear that is behind', () => {
  const consumed = new ConsumedMessages(LAG_MS);
  for (let i = 0; i < 10; i++) consumed.accept(1, false);
  consumed.accept(0, true);
  expect(consumed.index).toBe(0);
  for (let i = 0; i < 10; i++) consumed.heard(100);
  expect(consumed.index).toBe(11);
});
