import type { Caption } from '@parley/client';
import { describe, expect, it } from 'vitest';
import { firstCaptionTimes } from './first-caption-times.js';
import {
  settled,
  withCaption,
  withInterruption,
  withMark,
  withToolCall,
  withToolCancelled,
  withToolResponse,
  type Transcript,
} from './transcript.js';

const caption = (fields: Partial<Caption>): Caption => ({
  id: 1,
  speaker: 'agent',
  author: 'concierge',
  text: 'Good evening',
  final: true,
  turn: 1,
  ...fields,
});

/** The transcript as one would read it out. */
function read(transcript: Transcript): string[] {
  return transcript.map((entry) => {
    switch (entry.kind) {
      case 'caption':
        return `${entry.caption.speaker}: ${entry.caption.text}${entry.caption.final ? '' : '…'}${entry.interrupted ? ' /' : ''}`;
      case 'tool':
        return `${entry.call.name} ${entry.progress} ${entry.responses.length}`;
      case 'mark':
        return `-- ${entry.text}`;
    }
  });
}

describe('the transcript', () => {
  it('replaces a growing caption in its place', () => {
    let now: Transcript = withCaption([], 1, caption({ text: 'Good', final: false }));
    now = withCaption(now, 1, caption({ id: 2, speaker: 'user', text: 'Hello' }));
    now = withCaption(now, 1, caption({ text: 'Good evening' }));
    expect(read(now)).toEqual(['agent: Good evening', 'user: Hello']);
  });

  it('keeps the captions of several calls apart', () => {
    let now = withCaption([], 1, caption({ text: 'One' }));
    now = withMark(now, 'ended', 'Call ended');
    now = withCaption(now, 2, caption({ text: 'Two' }));
    expect(read(now)).toEqual(['agent: One', '-- Call ended', 'agent: Two']);
  });

  it('marks what the agent was saying as interrupted, also when its final comes later', () => {
    let now = withCaption([], 1, caption({ text: 'I was', final: false }));
    now = withInterruption(now, 1, 1, true);
    now = withCaption(now, 1, caption({ text: 'I was about' }));
    expect(read(now)).toEqual(['agent: I was about /']);
  });

  it('marks a turn that was finished but still being heard, not one that is over', () => {
    const now = withCaption([], 1, caption({ turn: 1 }));
    expect(withInterruption(now, 1, 2, false)).toBe(now);
    expect(read(withInterruption(now, 1, 2, true))).toEqual(['agent: Good evening /']);
  });

  it('follows a tool from its call to its last result', () => {
    const call = { id: 'c', name: 'look', args: {} };
    const response = { id: 'c', name: 'look', response: {} };
    let now = withToolCall([], 1, 1, call);
    now = withToolResponse(now, 1, { ...response, willContinue: true });
    expect(read(now)).toEqual(['look running 1']);
    now = withToolResponse(now, 1, response);
    expect(read(now)).toEqual(['look done 2']);
    expect(read(withToolCancelled(now, 1, ['c']))).toEqual(['look done 2']);
  });

  it('leaves nothing growing or running when the call is over', () => {
    const now = withToolCall(withCaption([], 1, caption({ final: false })), 1, 1, {
      id: 'c',
      name: 'look',
      args: {},
    });
    expect(read(settled(now))).toEqual(['agent: Good evening', 'look cancelled 0']);
  });

  it('forgets the oldest of very long talks', () => {
    let now: Transcript = [];
    for (let id = 0; id < 1_000; id++) now = withCaption(now, 1, caption({ id }));
    expect(now).toHaveLength(400);
    expect(now.at(-1)?.key).toBe('1:caption:999');
  });
});

describe('firstCaptionTimes', () => {
  it('puts the time of a turn on the first thing that the agent says in it', () => {
    let now = withCaption([], 2, caption({ id: 1, speaker: 'user', turn: 1 }));
    now = withCaption(now, 2, caption({ id: 2, turn: 1 }));
    now = withCaption(now, 2, caption({ id: 3, turn: 1 }));
    const times = firstCaptionTimes(now, [{ turn: 1, ms: 640 }], 2);
    expect([...times]).toEqual([['2:caption:2', 640]]);
  });
});
