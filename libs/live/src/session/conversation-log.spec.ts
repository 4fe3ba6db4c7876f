import { NO_ACTIONS, type Event, type Part } from '@parley/event';
import { describe, expect, it } from 'vitest';
import { ConversationLog } from './conversation-log.js';

const event = (id: string, draft: Partial<Event> = {}): Event => ({
  id,
  invocationId: 'e-1',
  author: 'user',
  timestamp: 0,
  actions: NO_ACTIONS,
  ...draft,
});
const sent = (id: string, ...parts: Part[]): Event => event(id, { content: { role: 'user', parts } });
const media = (mimeType: string, bytes = 8): Part => ({
  inlineData: { mimeType, data: new Uint8Array(bytes) },
});
const ids = (log: ConversationLog): string[] => log.events.map(({ id }) => id);

describe('ConversationLog', () => {
  it('goes on from what the session had, and keeps the newest 1,000', () => {
    const log = new ConversationLog(Array.from({ length: 1_500 }, (_, n) => event(`old ${n}`)));
    expect(ids(log).slice(0, 1)).toEqual(['old 500']);
    log.append(event('new'));
    expect(log.events).toHaveLength(1_000);
    expect([ids(log)[0], ids(log).at(-1)]).toEqual(['old 501', 'new']);
  });

  it('puts what was heard in the place of what was said (C12)', () => {
    const said = (text: string): Event => event('2', { outputTranscription: { text, finished: true } });
    const log = new ConversationLog([event('1')]);
    log.append(said('Once upon a time'));
    log.append(event('3'));
    log.replace({ ...said('Once'), interrupted: true });
    expect(ids(log)).toEqual(['1', '2', '3']);
    expect(log.events[1]).toMatchObject({ outputTranscription: { text: 'Once' }, interrupted: true });
    log.replace(event('unknown'));
    expect(log.events).toHaveLength(3);
  });

  it('keeps no audio, and of pictures the newest four that the user sent', () => {
    const log = new ConversationLog();
    log.append(sent('audio', media('audio/pcm;rate=16000')));
    log.append({ ...sent('drawn', media('image/png')), author: 'agent' });
    for (let n = 0; n < 6; n++) log.append(sent(`${n}`, { text: 'look' }, media('image/png')));
    log.append(sent('bare', media('image/png')));
    expect(ids(log)).toEqual(['0', '1', '2', '3', '4', '5', 'bare']);
    expect(log.events.map(({ content }) => content?.parts.length)).toEqual([1, 1, 1, 2, 2, 2, 1]);
  });

  it('keeps no more than 1 MiB of pictures', () => {
    const log = new ConversationLog();
    for (let n = 0; n < 3; n++) log.append(sent(`${n}`, media('image/png', 400_000)));
    expect(ids(log)).toEqual(['1', '2']);
    log.append(sent('huge', { text: 'look' }, media('image/png', 2_000_000)));
    expect(log.events).toEqual([sent('huge', { text: 'look' })]);
  });
});
