import { fstatSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import {
  attachSession,
  createRedisCommandExecutor,
  RedisServerState,
  SocketConnectionTransport,
} from 'js-redis-server/core';

/**
 * Redis for a machine without one: js-redis-server in a process of its own, on loopback, in memory only. Started by
 * `startLocalRedis`; prints `{"ready":true,"port":…,"engine":"js-redis-server"}` once it answers, and ends with the
 * process that started it.
 *
 * The package's own launcher listens on all interfaces and leaves Nagle's algorithm on, which costs 40 ms for each
 * answer of several parts; so the socket server is put together here.
 */
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write('usage: redis [--port 0…65535]   (0 takes a free one)\n');
  process.exit(64);
}

const state = new RedisServerState({ databaseCount: 16 });
const executor = createRedisCommandExecutor();
// Loading the Lua engine takes longer than the control plane waits for its first script.
await state.getLuaRuntime();

const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
  attachSession(new SocketConnectionTransport(socket), {
    state,
    executor,
    clientAddress: `127.0.0.1:${socket.remotePort}`,
  });
});
server.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  const { port: bound } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, port: bound, engine: 'js-redis-server' })}\n`);
});

const exit = (): never => process.exit(0);
process.once('SIGTERM', exit);
process.once('SIGINT', exit);
// The parent holds the other end of stdin or of the IPC channel; either closes with it, however it ends.
process.once('disconnect', exit);
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once('end', exit).once('error', exit).resume();
