import { parentPort, workerData } from 'node:worker_threads';
import { LibsqlConnection } from '../libsql/libsql-connection.js';
import type { LibsqlThreadData, ThreadReply, ThreadRequest } from '../libsql/thread-protocol.js';

const port = parentPort;
if (port === null) throw new Error('libsql.thread runs as a worker thread only');

const reply = (message: ThreadReply): void => port.postMessage(message);

function failure(error: unknown): ThreadReply {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
}

let connection: LibsqlConnection | undefined;
try {
  connection = new LibsqlConnection(workerData as LibsqlThreadData);
  reply({ kind: 'opened' });
} catch (error) {
  reply(failure(error));
  port.close();
}

port.on('message', (request: ThreadRequest) => {
  if (!connection) return;
  if (request.kind === 'close') {
    connection.close();
    port.close();
    return;
  }
  try {
    reply({ kind: 'done', ...connection.execute(request.sql, request.parameters) });
  } catch (error) {
    reply(failure(error));
  }
});
