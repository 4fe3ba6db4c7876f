import { ManualClock } from '@parley-testing/kernel';
import type { LiveServerMessage } from '@parley/live';
import { beforeEach, describe, expect, it } from 'vitest';
import { TurnPhase } from './turn-phase.js';

const QUESTION = { kind: 'content', content: { parts: [{ text: 'q' }] }, partial: false } as const;
const SPEAKING = { parts: [{ text: 'so' }] };

describe('TurnPhase', () => {
  let clock: ManualClock;
  let turn: TurnPhase;

  beforeEach(() => {
    clock = new ManualClock();
    turn = new TurnPhase(clock);
  });

  const steps = (...messages: LiveServerMessage[]): unknown[] =>
    messages.map((message) => {
      const { began, ended } = turn.received(message);
      return [began ? 'began' : '', ended ?? ''].filter(Boolean).join(' ');
    });

  it('sees a turn begin with its first output and end when it is complete', () => {
    turn.sent(QUESTION);
    expect(turn.modelIdle).toBe(false);
    const messages = [SPEAKING, SPEAKING, { generationComplete: true }, { turnComplete: true }];
    expect(steps(...messages)).toEqual(['began', '', '', 'complete']);
    expect(turn.modelIdle).toBe(true);
  });

  it('reads a message that holds a whole turn', () => {
    expect(steps({ ...SPEAKING, generationComplete: true, turnComplete: true })).toEqual(['began complete']);
  });

  it('takes what trails an interruption for what it is', () => {
    const late = { outputTranscription: { text: 'late', finished: false } };
    const messages = [SPEAKING, { interrupted: true }, SPEAKING, late, { turnComplete: true }, SPEAKING];
    expect(steps(...messages)).toEqual(['began', 'interrupted', '', '', '', 'began']);
  });

  it('lets transcription trail a turn that has been generated', () => {
    const late = { outputTranscription: { text: 'late', finished: true } };
    expect(steps(SPEAKING, { generationComplete: true }, late, { turnComplete: true })).toEqual([
      'began',
      '',
      '',
      'complete',
    ]);
    expect(turn.modelIdle).toBe(true);
  });

  it('does not count an interruption of nothing', () => {
    turn.sent(QUESTION);
    expect(steps({ interrupted: true }, SPEAKING, { turnComplete: true })).toEqual(['', 'began', 'complete']);
  });

  it('lets the end of an interrupted nothing answer nothing', () => {
    turn.sent(QUESTION);
    expect(steps({ interrupted: true }, { turnComplete: true })).toEqual(['', '']);
    expect(turn.modelIdle).toBe(false);
    expect(steps({ interrupted: true, turnComplete: true })).toEqual(['']);
    expect(steps(SPEAKING, { turnComplete: true })).toEqual(['began', 'complete']);
  });

  it('takes a turn without output for the answer to everything', () => {
    turn.sent(QUESTION);
    expect(steps({ turnComplete: true })).toEqual(['empty']);
    expect(turn.modelIdle).toBe(true);
  });

  it('keeps a turn open while an extended-thinking model works on', () => {
    expect(steps(SPEAKING, { turnComplete: true, interactionStatus: 'IN_PROGRESS' })).toEqual(['began', '']);
    expect(turn.modelIdle).toBe(false);
    expect(steps(SPEAKING, { turnComplete: true, interactionStatus: 'IDLE' })).toEqual(['', 'complete']);
    expect(turn.modelIdle).toBe(true);
  });

  it('waits for the answer to what was said during a turn', () => {
    steps(SPEAKING);
    turn.sent(QUESTION);
    steps({ turnComplete: true });
    expect(turn.modelIdle).toBe(false);
  });

  it('stops waiting for a model that chooses not to answer', async () => {
    steps({ inputTranscription: { text: 'just talking', finished: true } });
    await clock.advance(9_999);
    expect(turn.modelIdle).toBe(false);
    await clock.advance(1);
    expect(turn.modelIdle).toBe(true);
  });

  it('knows that the user speaks from signals, until their end', async () => {
    turn.sent({ kind: 'activityStart' });
    await clock.advance(60_000);
    expect(turn.speakingSinceMs).toBe(0);
    turn.sent({ kind: 'activityEnd' });
    expect(turn.speakingSinceMs).toBeUndefined();
  });

  it('… and from transcription, for two seconds after the last piece', async () => {
    await clock.advance(500);
    steps({ inputTranscription: { text: 'so ', finished: false } });
    await clock.advance(1_900);
    steps({ inputTranscription: { text: 'I', finished: false } });
    await clock.advance(1_900);
    expect(turn.speakingSinceMs).toBe(500);
    expect(turn.unansweredSpeech).toEqual({ words: 'so I', finished: false });
    await clock.advance(100);
    expect(turn.speakingSinceMs).toBeUndefined();
  });

  it.each<[string, readonly LiveServerMessage[], string]>([
    ['nothing', [], 'none'],
    ['a turn that is over', [SPEAKING, { turnComplete: true }], 'none'],
    ['words', [SPEAKING], 'cut'],
    ['thoughts', [{ parts: [{ text: 'hm', thought: true }] }], 'cut_before_heard'],
    ['a call', [{ toolCalls: [{ id: 'c', name: 'f', args: {} }] }], 'cut_before_heard'],
    ['all but the end', [SPEAKING, { generationComplete: true }], 'end_missing'],
  ])('says what is lost with %s', (_what, messages, loss) => {
    steps(...messages);
    expect(turn.lost()).toBe(loss);
    expect(turn.modelIdle).toBe(true);
  });
});
