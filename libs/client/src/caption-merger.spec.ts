import { NO_ACTIONS, type Event } from '@parley/event';
import { describe, expect, it } from 'vitest';
import type { Caption } from './caption.js';
import { CaptionMerger } from './caption-merger.js';

function event(fields: Partial<Event>): Event {
  return { id: 'e', invocationId: 'e-1', author: 'agent', timestamp: 1, actions: NO_ACTIONS, ...fields };
}

const heard = (text: string, finished = false): Event =>
  event({ author: 'user', inputTranscription: { text, finished }, partial: !finished });
const spoken = (text: string, finished = false): Event =>
  event({ outputTranscription: { text, finished }, partial: !finished });

/** What a screen shows that keeps one line per id. */
function shown(script: readonly (readonly [number, Event])[]): string[] {
  const merger = new CaptionMerger();
  const lines = new Map<number, Caption>();
  for (const [turn, next] of script) {
    for (const caption of merger.read(next, turn)) lines.set(caption.id, caption);
  }
  return [...lines.values()].map(({ speaker, text, final }) => `${speaker}${final ? '' : '…'}: ${text}`);
}

describe('CaptionMerger', () => {
  it('adds up deltas and replaces them by the final', () => {
    expect(shown([[0, heard(' hel')]])).toEqual(['user…: hel']);
    expect(shown([[0, heard(' hel')], [0, heard('lo you')]])).toEqual(['user…: hello you']); // prettier-ignore
    expect(
      shown([
        [0, heard(' hel')],
        [0, heard('lo you')],
        [0, heard('Hello, you.', true)],
      ]),
    ).toEqual(['user: Hello, you.']);
  });

  it('takes the deltas for the final when that comes without text', () => {
    expect(
      shown([
        [1, spoken('Good ')],
        [1, spoken('evening')],
        [1, spoken('', true)],
      ]),
    ).toEqual(['agent: Good evening']);
  });

  it('keeps the two speakers apart while they talk over each other', () => {
    const script = [
      [1, spoken('I think that')],
      [1, heard('wait')],
      [1, spoken(' we should')],
      [1, heard('wait a moment', true)],
      [1, spoken('I think that we should', true)],
    ] as const;
    expect(shown(script)).toEqual(['agent: I think that we should', 'user: wait a moment']);
  });

  it('lets the author decide who speaks', () => {
    const odd = event({ author: 'user', outputTranscription: { text: 'me', finished: true } });
    expect(shown([[1, odd]])).toEqual(['user: me']);
  });

  it('ends the agent’s caption with its turn when no final came, and lets a late final correct it', () => {
    const script = [
      [1, spoken('I was about to')],
      [1, event({ interrupted: true })],
      [1, spoken('I was about to say', true)],
    ] as const;
    expect(shown(script.slice(0, 2))).toEqual(['agent: I was about to']);
    expect(shown(script)).toEqual(['agent: I was about to say']);
  });

  it('begins a new caption with the next turn and with the next stretch of a turn', () => {
    const script = [
      [1, spoken('One')],
      [2, spoken('Two.', true)],
      [2, spoken('Three.', true)],
    ] as const;
    expect(shown(script)).toEqual(['agent: One', 'agent: Two.', 'agent: Three.']);
  });

  it('shows what an agent writes, but not beside what it says, and no thoughts', () => {
    const written = (text: string, partial: boolean): Event =>
      event({ content: { role: 'model', parts: [{ text }] }, partial });
    const thought = event({ content: { parts: [{ text: 'hmm', thought: true }] } });
    expect(
      shown([
        [1, written('Hi', true)],
        [1, thought],
        [1, written('Hi there', false)],
      ]),
    ).toEqual(['agent: Hi there']);
    expect(shown([[1, spoken('Hi', true)], [1, written('Hi', false)]])).toEqual(['agent: Hi']); // prettier-ignore
  });

  it('makes no caption of nothing', () => {
    expect(
      shown([
        [1, spoken(' ')],
        [1, spoken('', true)],
        [1, event({ turnComplete: true })],
      ]),
    ).toEqual([]);
  });
});
