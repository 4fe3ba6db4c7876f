import { ParleyError, silentLog } from '@parley/kernel';
import { InMemoryRunJournal, type JournalEntry, type RunJournal } from '@parley/placement';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { JournalWriter } from './journal-writer.js';

interface Rig {
  readonly clock: ManualClock;
  readonly journal: RunJournal;
  readonly writer: JournalWriter;
  readonly saved: JournalEntry[];
  away: boolean;
}

function rig(): Rig {
  const clock = new ManualClock();
  const journal = new InMemoryRunJournal(clock);
  const saved: JournalEntry[] = [];
  const state = { away: false };
  const port: RunJournal = {
    load: (liveId) => journal.load(liveId),
    forget: (liveId) => journal.forget(liveId),
    save: async (liveId, epoch, entry) => {
      if (state.away) throw new ParleyError('control_plane_unavailable', 'away');
      saved.push(entry);
      return journal.save(liveId, epoch, entry);
    },
  };
  const entry = { startedAtMs: 1, attach: 0 };
  const writer = new JournalWriter({
    journal: port,
    liveId: 'live_1',
    epoch: 5,
    entry,
    clock,
    log: silentLog,
  });
  return Object.assign(state, { clock, journal, writer, saved });
}

describe('JournalWriter', () => {
  it('writes the first change at once, and then once a second what has changed', async () => {
    const { clock, writer, saved } = rig();
    writer.attach(1);
    await clock.advance(1);
    expect(saved).toHaveLength(1);
    for (let n = 0; n < 10; n++) {
      writer.handle(`h${n}`, 'greeter');
      await clock.advance(50);
    }
    expect(saved).toHaveLength(1);
    await clock.advance(1_000);
    expect(saved.slice(1)).toEqual([{ startedAtMs: 1, attach: 1, handle: 'h9', agentName: 'greeter' }]);
    await clock.advance(60_000);
    expect(saved).toHaveLength(2);
  });

  it('writes at once when it is asked to', async () => {
    const { clock, writer, saved } = rig();
    writer.attach(1);
    await clock.advance(1);
    writer.attach(2);
    await writer.saveNow();
    expect(saved.at(-1)?.attach).toBe(2);
    await clock.advance(5_000);
    expect(saved).toHaveLength(2);
  });

  it('forgets the handle of a session that is over, if it is of that agent', async () => {
    const { writer, saved } = rig();
    writer.handle('h', 'greeter');
    writer.handleVoid('somebody else');
    await writer.saveNow();
    writer.handleVoid('greeter');
    await writer.saveNow();
    expect(saved.map(({ handle }) => handle)).toEqual(['h', undefined]);
  });

  it('is not disturbed by a journal that is away, and writes with the next change', async () => {
    const all = rig();
    const { clock, writer, saved } = all;
    all.away = true;
    writer.attach(1);
    await clock.advance(10_000);
    all.away = false;
    await clock.advance(10_000);
    expect(saved).toEqual([]);
    writer.handle('h', 'greeter');
    await clock.advance(1_000);
    expect(saved).toEqual([{ startedAtMs: 1, attach: 1, handle: 'h', agentName: 'greeter' }]);
  });

  it('writes nothing any more once a newer owner has, or it is closed', async () => {
    const { clock, journal, writer, saved } = rig();
    await journal.save('live_1', 6, { startedAtMs: 1, attach: 9 });
    writer.attach(1);
    await clock.advance(10);
    writer.attach(2);
    await clock.advance(10_000);
    expect([saved.length, await journal.load('live_1')]).toEqual([1, { startedAtMs: 1, attach: 9 }]);
    await writer.close();
  });
});
