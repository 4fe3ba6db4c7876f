import { InMemoryPlacement } from './in-memory-placement.js';
import { ManualClock } from '@parley-testing/kernel';
import type { PlacementTimes } from './session-directory.js';
import { describeSessionDirectory, describeWorkerRegistry, type PlacementFixture } from './testing/index.js';

/** A store that can be lost: the ports stay the same, what they stand on is replaced. */
function openInMemory(times: Partial<PlacementTimes> = {}): Promise<PlacementFixture> {
  const clock = new ManualClock();
  let placement = new InMemoryPlacement(clock, times);
  return Promise.resolve({
    registry: {
      register: (worker) => placement.register(worker),
      heartbeat: (beat) => placement.heartbeat(beat),
      deregister: (workerId, incarnation) => placement.deregister(workerId, incarnation),
      declareDead: (workerId, incarnation, evidence) =>
        placement.declareDead(workerId, incarnation, evidence),
      requestMove: (workerId, liveId) => placement.requestMove(workerId, liveId),
      candidates: (limit) => placement.candidates(limit),
      list: () => placement.list(),
    },
    directory: {
      place: (request) => placement.place(request),
      activate: (liveId, epoch) => placement.activate(liveId, epoch),
      move: (request) => placement.move(request),
      release: (liveId, epoch) => placement.release(liveId, epoch),
      reassert: (claim) => placement.reassert(claim),
      find: (liveId) => placement.find(liveId),
      sweep: () => placement.sweep(),
    },
    age: (ms) => clock.advance(ms),
    async loseAll() {
      await clock.advance(1);
      placement = new InMemoryPlacement(clock, times);
    },
    close: () => Promise.resolve(),
  });
}

describeWorkerRegistry('InMemoryPlacement', openInMemory);
describeSessionDirectory('InMemoryPlacement', openInMemory);
