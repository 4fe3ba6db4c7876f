import { ManualClock } from '@parley-testing/kernel';
import { InMemoryRunJournal } from './in-memory-run-journal.js';
import { describeRunJournal } from './testing/index.js';

describeRunJournal('InMemoryRunJournal', () => {
  const clock = new ManualClock();
  return Promise.resolve({
    journal: new InMemoryRunJournal(clock),
    age: (ms: number) => clock.advance(ms),
    close: () => Promise.resolve(),
  });
});
