import { Chronicle, type Invariant, type Violation } from './chronicle.js';
import type { HistoryEntry } from './history.js';
import { notOversold } from './invariants/capacity.js';
import { noCallLost, ownedOrFailingOver } from './invariants/continuity.js';
import {
  answered,
  noLeak,
  nothingDropped,
  oneOutcome,
  textsOnce,
  usageOnce,
} from './invariants/conversation.js';
import { contiguousMessages, silentAfterInterruption } from './invariants/order.js';
import { audioWithoutRedis } from './invariants/outage.js';
import { oneOwner, risingEpochs } from './invariants/ownership.js';

/** What the system promises (ARCHITECTURE.md), as questions to the history of a run. */
const INVARIANTS: readonly Invariant[] = [
  oneOwner,
  notOversold,
  ownedOrFailingOver,
  contiguousMessages,
  oneOutcome,
  risingEpochs,
  noLeak,
  usageOnce,
  nothingDropped,
  silentAfterInterruption,
  audioWithoutRedis,
  textsOnce,
  answered,
  noCallLost,
];

export function check(entries: readonly HistoryEntry[]): readonly Violation[] {
  const chronicle = new Chronicle(entries);
  return INVARIANTS.flatMap((invariant) => invariant(chronicle));
}
