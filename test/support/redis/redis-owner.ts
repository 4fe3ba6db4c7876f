import { startLocalRedis } from '@parley/redis';

/** A process that starts a Redis and stays: argv is `server` or `embedded`, and the embedded program. */
const [kind, embeddedProgram = ''] = process.argv.slice(2);
const redis = await startLocalRedis({ prefer: kind === 'server' ? 'server' : 'embedded', embeddedProgram });
process.stdout.write(`${JSON.stringify({ pid: redis.pid })}\n`);
