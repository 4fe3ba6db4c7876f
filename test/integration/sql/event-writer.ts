import { NO_ACTIONS } from '@parley/event';
import { openDatabase, SqlSessionService } from '@parley/sql';

/**
 * A process that appends `count` events to a session of its own and to one that it shares with others, one after
 * the other. Prints how long each append took, in milliseconds, as a JSON array.
 */
const [url = '', threadScript = '', writer = '', count = '0'] = process.argv.slice(2);

const database = await openDatabase({ url, threadScript: new URL(threadScript) });
const sessions = new SqlSessionService(database);
const scope = { tenantId: 'acme', appName: 'assistant', userId: 'ada' };
const own = { ...scope, sessionId: writer };
const shared = { ...scope, sessionId: 'shared' };
await sessions.createSession(own);
await sessions.createSession(shared).catch(() => undefined);

const tookMs: number[] = [];
for (let i = 0; i < Number(count); i++) {
  const startedMs = performance.now();
  await sessions.appendEvent(i % 2 === 0 ? own : shared, {
    id: `${writer}-${i}`,
    invocationId: 'e-1',
    author: 'assistant',
    timestamp: Date.now(),
    content: { role: 'model', parts: [{ text: 'A sentence of the length that people say in a turn.' }] },
    actions: { ...NO_ACTIONS, stateDelta: { turn: i, 'app:turn': i } },
  });
  tookMs.push(performance.now() - startedMs);
}
await database.close();
console.log(JSON.stringify(tookMs));
