import { functionCallsOf, functionResponsesOf, type Event } from '@parley/event';
import { openDatabase, SqlSessionService } from '@parley/sql';
import type { Caller } from './caller.js';
import type { Cluster } from './cluster.js';
import type { History, HistoryEntry } from './history.js';
import { until } from '../support/until.js';

const QUIET_MS = 10_000;

/** Notes what is left when all is quiet: conversations at the model, and what is stored of each session. */
export async function noteModelSessions(
  cluster: Cluster,
  callers: readonly Caller[],
  history: History,
): Promise<void> {
  const calls = callers.filter((caller) => !caller.closed).length;
  let open = 0;
  // what a stale owner or a fault left open is closed by then, or never
  await until(
    'as many conversations as calls',
    async () => {
      open = (await cluster.model.sessions()).length;
      return open <= calls;
    },
    QUIET_MS,
  ).catch(() => undefined);
  history.add('judge', { op: 'modelSessions', open, calls });
}

export async function noteSessions(
  cluster: Cluster,
  callers: readonly Caller[],
  history: History,
): Promise<void> {
  const database = await openDatabase({ url: cluster.databaseUrl });
  try {
    const sessions = new SqlSessionService(database);
    for (const caller of callers) {
      const { grant } = caller;
      if (!grant) continue;
      const { agent: appName, userId, sessionId } = grant;
      const session = await sessions.getSession({ tenantId: 'dev', appName, userId, sessionId });
      noteSession(sessionId, session?.events ?? [], sentBy(caller, history), history);
    }
  } finally {
    await database.close();
  }
}

type Sent = Extract<HistoryEntry, { op: 'sent' }>;

function sentBy(caller: Caller, history: History): readonly Sent[] {
  return history.entries.filter((entry): entry is Sent => entry.op === 'sent' && entry.actor === caller.name);
}

function noteSession(
  sessionId: string,
  events: readonly Event[],
  sent: readonly Sent[],
  history: History,
): void {
  const note = history.add.bind(history, 'judge');
  const texts = events.flatMap((event) => (event.author === 'user' ? [writtenIn(event)] : []));
  for (const { requestId, text, kind } of sent) {
    // what is said aloud is stored as it was understood
    if (kind === 'speech') continue;
    note({ op: 'storedText', sessionId, requestId, count: texts.filter((each) => each === text).length });
  }
  const answers = events.flatMap((event) => functionResponsesOf(event).map(({ id }) => id));
  const takenBack = new Set(events.flatMap((event) => event.cancelledToolCallIds ?? []));
  for (const event of events) {
    for (const { id } of functionCallsOf(event)) {
      // what the model takes back is over, too
      const responses = answers.filter((answer) => answer === id).length || (takenBack.has(id) ? 1 : 0);
      note({ op: 'storedCall', sessionId, callId: id, responses });
    }
    const { seq, invocationId: run } = event;
    if (seq !== undefined) note({ op: 'stored', sessionId, eventId: event.id, run, seq });
    const what = mustArrive(event);
    if (what !== undefined) note({ op: 'storedEvent', sessionId, eventId: event.id, what });
    const tokens = event.usageMetadata?.totalTokenCount;
    if (tokens !== undefined) note({ op: 'usage', sessionId, recordId: event.id, tokens });
  }
}

/** What a client may never miss (I9). */
function mustArrive(event: Event): string | undefined {
  if (functionResponsesOf(event).length > 0) return 'result of a tool';
  return event.outputTranscription?.text ? 'final transcript' : undefined;
}

function writtenIn(event: Event): string {
  return event.content?.parts.map((part) => part.text ?? '').join('') ?? '';
}
