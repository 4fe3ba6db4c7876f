import type { Chronicle, Violation } from '../chronicle.js';

/** I2: what a worker is said to use is the sum of its live runs, and no more than it has. */
export function notOversold(chronicle: Chronicle): readonly Violation[] {
  return chronicle.all('slots').flatMap((seen) => {
    const { workerId, used, capacity, sum } = seen;
    const wrong: string[] = [];
    if (used > capacity) wrong.push(`it uses ${used} of ${capacity}`);
    if (used !== sum) wrong.push(`it is said to use ${used}, and its live runs cost ${sum}`);
    return wrong.map((what) => ({ promise: 'I2', who: workerId, what, evidence: [seen] }));
  });
}
