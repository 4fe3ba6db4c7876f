import type { Event } from '@parley/event';
import { ParleyError, toParleyError, type Log } from '@parley/kernel';
import {
  invocationIdOf,
  type Continuation,
  type RunConfig,
  type Session,
  type SessionKey,
  type SessionService,
} from '@parley/live';
import type { JournalEntry, RunJournal } from '@parley/placement';
import { MAX_SEEN_IDS, type Reception, type RelayOpen } from '@parley/wire';
import { MAX_MESSAGES } from './replay-ring.js';

/** Newest events of a session that are looked through for what was not told. */
const LOOK_BACK_EVENTS = 1_000;

/** How a run begins, or goes on, at a worker that did not have it. */
export interface TakeOver {
  readonly runConfig: RunConfig;
  readonly entry: JournalEntry;
  /** Undefined for a run that begins. */
  readonly continuation: Continuation | undefined;
  /** The last number that the client has had. */
  readonly toldSeq: number;
  /** Stored events of this run that the client has not had, in order. */
  readonly unseen: readonly Event[];
  /** As it was read for all this. */
  readonly session?: Session;
  /** False when something may be missing between what the client had and what comes now. */
  readonly recovered: boolean;
}

/** Without the journal a run goes on, only slower: the model is told what was said. */
export async function journaled(
  liveId: string,
  journal: RunJournal,
  log: Log,
): Promise<JournalEntry | undefined> {
  try {
    return await journal.load(liveId);
  } catch (error) {
    log.warn('a run is opened without its journal', { liveId, code: toParleyError(error).code });
    return undefined;
  }
}

/** Throws `ParleyError` `unauthenticated` for one who shows an attach that was replaced before the last one. */
export function admit({ after }: RelayOpen, entry: JournalEntry | undefined): void {
  if (after === undefined || entry === undefined || after >= entry.attach - 1) return;
  throw new ParleyError('unauthenticated', 'Someone else has taken this call up since.', {
    kind: 'unauthenticated',
  });
}

/**
 * Finds out how a run goes on here: from what its gateway says that the client has had, from the journal of the owner
 * before, and from what that owner stored. A run of which none of them knows begins now, at `nowMs` since the epoch.
 */
export async function takeOver(
  open: RelayOpen,
  runConfig: RunConfig,
  entry: JournalEntry | undefined,
  sessions: SessionService,
  nowMs: number,
): Promise<TakeOver> {
  const { reception, after = 0 } = open;
  // the journal may be a second behind what the client was told
  const known = { startedAtMs: entry?.startedAtMs ?? nowMs, attach: Math.max(entry?.attach ?? 0, after) };
  if (!entry && !reception) {
    return { runConfig, entry: known, continuation: undefined, toldSeq: 0, unseen: [], recovered: true };
  }
  const session = await readSession(open, sessions);
  const own = ownEvents(session, open.liveId);
  const { unseen, recovered } = unseenOf(own, reception);
  const toldSeq = reception?.seq ?? 0;
  const { handle, agentName } = entry ?? { handle: newestHandle(own), agentName: undefined };
  return {
    runConfig: { ...runConfig, sessionResumption: resumption(runConfig, handle) },
    entry: { ...known, ...(handle !== undefined && agentName !== undefined ? { handle, agentName } : {}) },
    continuation: {
      // what an owner that nobody could reach stored meanwhile is numbered, too
      seq: own.reduce((highest, { seq = 0 }) => Math.max(highest, seq), toldSeq + unseen.length),
      turn: reception?.turn ?? 0,
      turnOpen: reception?.turnOpen ?? false,
      speechFollows: reception?.speechFollows ?? false,
      startedAtMs: known.startedAtMs,
      ...(agentName === undefined ? {} : { handleAgent: agentName }),
    },
    toldSeq,
    unseen,
    recovered,
    ...(session ? { session } : {}),
  };
}

async function readSession(key: SessionKey, sessions: SessionService): Promise<Session | undefined> {
  const { tenantId, appName, userId, sessionId } = key;
  return sessions.getSession({ tenantId, appName, userId, sessionId }, { numRecentEvents: LOOK_BACK_EVENTS });
}

/** What the owners of this run stored, in order. */
function ownEvents(session: Session | undefined, liveId: string): readonly Event[] {
  const invocationId = invocationIdOf(liveId);
  return session?.events.filter((event) => event.invocationId === invocationId) ?? [];
}

/** The handle that the call began with, if any, leads back to before the call. */
function resumption(
  { sessionResumption }: RunConfig,
  handle: string | undefined,
): RunConfig['sessionResumption'] {
  const { handle: _older, ...kept } = sessionResumption ?? {};
  return handle === undefined ? kept : { ...kept, handle };
}

function newestHandle(own: readonly Event[]): string | undefined {
  return own.findLast((event) => event.liveSessionResumptionUpdate?.newHandle !== undefined)
    ?.liveSessionResumptionUpdate?.newHandle;
}

/**
 * `seen` names the newest stored events that the client has had, in the order in which they came. A caption comes later
 * than it is stored, so the list has a ragged end: only what is stored behind its older half is looked through, unless
 * the list is short, which makes it whole. Who has had something, and can name nothing of it, can not be told where the
 * gap begins.
 */
function unseenOf(
  own: readonly Event[],
  reception: Reception | undefined,
): { readonly unseen: readonly Event[]; readonly recovered: boolean } {
  if (!reception || own.length === 0) return { unseen: [], recovered: true };
  if (reception.seq > 0 && reception.seen.length === 0) return { unseen: [], recovered: false };
  const seen = new Set(reception.seen);
  const isWhole = seen.size < MAX_SEEN_IDS;
  const older = new Set(reception.seen.slice(0, isWhole ? 0 : Math.ceil(seen.size / 2)));
  const from = own.findLastIndex(({ id }) => older.has(id)) + 1;
  const unseen = own.slice(from).filter((event) => isTold(event) && !seen.has(event.id));
  const newest = unseen.slice(-MAX_MESSAGES);
  // with nothing in common, what lies before the events that were looked through is not known
  const known = from > 0 || own.some(({ id }) => seen.has(id)) || own.length < LOOK_BACK_EVENTS;
  return { unseen: newest, recovered: known && newest.length === unseen.length };
}

/** What a client typed or answered is stored, and told to nobody. */
function isTold({ author, content, inputTranscription }: Event): boolean {
  if (author !== 'user' || inputTranscription) return true;
  return content?.parts.some((part) => part.fileData) ?? false;
}
