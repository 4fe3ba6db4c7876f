import { z } from 'zod';
import { integerOr, optionalText, secret, setting, textOr } from './setting.js';

const port = (fallback: number): ReturnType<typeof integerOr> => integerOr(fallback, 0, 65_535);

const shared = {
  endWithParent: setting(
    'PARLEY_END_WITH_PARENT',
    z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    'End when standard input closes; set by the local start.',
  ),
  host: setting('PARLEY_HOST', textOr('127.0.0.1'), 'Address to listen on; 0.0.0.0 in a container.'),
  logLevel: setting(
    'PARLEY_LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    'Least severe log line that is written.',
  ),
};

const redisAddress = z.string().regex(/^rediss?:\/\//, 'must start with redis:// or rediss://');

const queueRedis = {
  queueRedisUrl: secret(
    'QUEUE_REDIS_URL',
    redisAddress.optional(),
    'Redis for tool jobs; default: REDIS_URL. In production another one: jobs must not delay placement.',
  ),
};

/** `host:port,host:port`; an IPv6 address stands in brackets. */
const hostPortList = z
  .string()
  .default('')
  .transform((text, context) =>
    text
      .split(',')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => {
        const [, bracketed, plain, portText] =
          /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(entry.trim()) ?? [];
        const host = bracketed ?? plain ?? '';
        if (host === '') context.addIssue({ code: 'custom', message: 'must be host:port,host:port' });
        return { host, port: Number(portText) };
      }),
  );

const redis = {
  redisUrl: secret('REDIS_URL', redisAddress, 'Redis for placement.'),
  redisSentinels: setting(
    'REDIS_SENTINELS',
    hostPortList,
    'Sentinels that know the master of placement, host:port,host:port; of REDIS_URL user, password, number and TLS count.',
  ),
  redisSentinelMaster: setting(
    'REDIS_SENTINEL_MASTER',
    textOr('mymaster'),
    'Name under which the sentinels know that master.',
  ),
  redisCluster: setting(
    'REDIS_CLUSTER',
    z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    'REDIS_URL is of a node of a Redis Cluster; QUEUE_REDIS_URL must then be given, and be none.',
  ),
  redisTimeoutMs: setting(
    'PARLEY_REDIS_TIMEOUT_MS',
    integerOr(250, 50, 10_000),
    'How long a command of the control plane may take, in milliseconds.',
  ),
};

const database = {
  databaseUrl: secret(
    'DATABASE_URL',
    z.string().regex(/^(file:|postgres(ql)?:\/\/)/, 'must start with file: or postgres://'),
    'SQL for sessions and tenants: file:PATH (embedded) or postgres://….',
  ),
};

const link = {
  linkSecret: secret(
    'PARLEY_LINK_SECRET',
    z.string().min(32, 'must have at least 32 characters'),
    'Shared by gateways and workers; signs the opening frame of their links, and seals resumption handles and resume tokens.',
  ),
};

const resilience = {
  zone: setting(
    'PARLEY_ZONE',
    textOr(''),
    'Zone of this process (topology.kubernetes.io/zone): sessions are placed in the zone of their gateway when there is room.',
  ),
  detachWindowS: setting(
    'PARLEY_DETACH_WINDOW_S',
    integerOr(120, 5, 900),
    'How long a call waits for a client whose connection broke, in seconds; the same for gateways and workers.',
  ),
  drainS: setting(
    'PARLEY_DRAIN_S',
    integerOr(20, 1, 600),
    'How long a process that is told to go may take to move its calls, or to let its clients go elsewhere, in seconds.',
  ),
  development: setting(
    'PARLEY_DEVELOPMENT',
    z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    'Lets whoever has an API key end the worker of a call, to see the call go on; never in production.',
  ),
};

const agents = {
  agentsDir: setting(
    'PARLEY_AGENTS_DIR',
    textOr('dist/agents'),
    'Folder with the built agents (*.agent.js).',
  ),
};

export const gatewaySettings = {
  ...shared,
  ...redis,
  ...database,
  ...link,
  ...resilience,
  ...agents,
  placement: setting(
    'PARLEY_PLACEMENT',
    z.enum(['auto', 'spread', 'packed']).default('auto'),
    'spread: the emptier of a few; packed: the fullest below 60 %; auto: packed while the fleet is below 40 %.',
  ),
  port: setting('PARLEY_PORT', port(8_080), 'Port of the API and the console.'),
  tokenKey: secret(
    'PARLEY_TOKEN_KEY',
    z.string().min(1),
    'Private Ed25519 key (JWK as JSON) that signs client tokens.',
  ),
  tokenLifetimeS: setting(
    'PARLEY_TOKEN_LIFETIME_S',
    integerOr(60, 10, 600),
    'How long a client token opens a call, in seconds.',
  ),
  consoleDir: setting('PARLEY_CONSOLE_DIR', textOr('dist/console'), 'Folder with the built console.'),
  handshakesPerSecond: setting(
    'PARLEY_HANDSHAKES_PER_S',
    integerOr(100, 1, 100_000),
    'Connections accepted per second and process.',
  ),
};

export const workerSettings = {
  ...shared,
  ...redis,
  ...queueRedis,
  ...database,
  ...link,
  ...resilience,
  ...agents,
  port: setting('PARLEY_PORT', port(9_464), 'Port of /livez, /readyz and /metrics.'),
  workerId: setting('PARLEY_WORKER_ID', optionalText, "The pod's UID; default: made at start."),
  capacity: setting('PARLEY_CAPACITY', integerOr(80, 1, 100_000), 'Live sessions this worker takes.'),
  linkPort: setting('PARLEY_LINK_PORT', port(7_946), 'Port of the relay link; 0 for any free one.'),
  advertisedHost: setting(
    'PARLEY_ADVERTISED_HOST',
    optionalText,
    'Host name or address under which gateways reach the link; default: PARLEY_HOST.',
  ),
  artifactsDir: setting(
    'PARLEY_ARTIFACTS_DIR',
    optionalText,
    'Folder for the files of sessions, shared by all workers; without it there are none, and saveLiveBlob is refused.',
  ),
  geminiApiKey: secret('GEMINI_API_KEY', optionalText, 'Key of the Gemini API.'),
  googleApiKey: secret('GOOGLE_API_KEY', optionalText, 'The same under its other name.'),
  useVertex: setting(
    'GOOGLE_GENAI_USE_VERTEXAI',
    z
      .enum(['true', 'false', 'TRUE', 'FALSE', '1', '0'])
      .default('false')
      .transform((text) => /^(true|1)$/i.test(text)),
    'Use Vertex AI instead of the Gemini API.',
  ),
  vertexProject: setting('GOOGLE_CLOUD_PROJECT', optionalText, 'Vertex AI: the project.'),
  vertexLocation: setting('GOOGLE_CLOUD_LOCATION', optionalText, 'Vertex AI: the location.'),
  emulatorUrl: setting(
    'PARLEY_EMULATOR_URL',
    optionalText,
    'Address of the emulator (http://…), used when no provider key is given.',
  ),
  providerMasking: setting(
    'PARLEY_PROVIDER_MASKING',
    z.enum(['random', 'cheap']).default('random'),
    'WebSocket masking towards the provider: random as RFC 6455 asks; cheap saves CPU on TLS and loopback.',
  ),
  model: setting('PARLEY_MODEL', textOr('gemini-3.8-live'), 'Model of agents that name none.'),
};

export const toolRunnerSettings = {
  ...shared,
  redisUrl: redis.redisUrl,
  ...queueRedis,
  ...agents,
  port: setting('PARLEY_PORT', port(9_465), 'Port of /livez, /readyz and /metrics.'),
  concurrency: setting(
    'PARLEY_TOOL_CONCURRENCY',
    integerOr(20, 1, 1_000),
    'Tool calls run at the same time.',
  ),
};

export const emulatorSettings = {
  ...shared,
  port: setting('PARLEY_PORT', port(9_466), 'Port of the emulated Live API, /livez, /readyz and /metrics.'),
  speech: setting(
    'PARLEY_EMULATOR_SPEECH',
    z.enum(['real', 'synthetic', 'cheap']).default('real'),
    'real: listens and speaks; synthetic: speech-like sounds; cheap: pre-encoded, for load runs.',
  ),
  resumptionRedisUrl: secret(
    'PARLEY_EMULATOR_RESUMPTION_REDIS_URL',
    redisAddress.optional(),
    'Redis where emulated sessions wait to be resumed, shared by several emulators; default: in memory.',
  ),
  resumptionSecret: secret(
    'PARLEY_EMULATOR_RESUMPTION_SECRET',
    optionalText,
    'Signs resumption handles, the same for all emulators that share a Redis; needed with it.',
  ),
  controlSecret: secret(
    'PARLEY_EMULATOR_CONTROL_SECRET',
    optionalText,
    'Opens the control API of the emulator to whoever has it; default: closed.',
  ),
};

/** What `npm start` looks at; everything else it makes itself. */
export const launcherSettings = {
  port: setting('PARLEY_PORT', port(8_080), 'Port of the API and the console.'),
  dataDir: setting(
    'PARLEY_DATA_DIR',
    textOr('.parley'),
    'Where the database, keys, files of sessions and logs of a local start live.',
  ),
  workers: setting('PARLEY_WORKERS', integerOr(2, 1, 16), 'Worker processes of a local start.'),
  capacity: workerSettings.capacity,
  artifactsDir: setting(
    'PARLEY_ARTIFACTS_DIR',
    optionalText,
    'Folder for the files of sessions; default: artifacts in the data folder.',
  ),
  redisUrl: secret('REDIS_URL', redisAddress.optional(), 'Redis to use instead of a local one.'),
  databaseUrl: secret(
    'DATABASE_URL',
    database.databaseUrl.schema.optional(),
    'SQL to use instead of a local file.',
  ),
  geminiApiKey: workerSettings.geminiApiKey,
  googleApiKey: workerSettings.googleApiKey,
  useVertex: workerSettings.useVertex,
  vertexProject: workerSettings.vertexProject,
  vertexLocation: workerSettings.vertexLocation,
  model: workerSettings.model,
};
