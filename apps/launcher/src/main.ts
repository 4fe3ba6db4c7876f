import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launcherSettings, settingsOfThisProcess } from '@parley/config';
import { portOrAny, Stack } from '@parley/local';
import { choose, type Choices } from './choices.js';

const settings = settingsOfThisProcess(launcherSettings);
const startedAtMs = performance.now();

let stack: Stack | undefined;
let asked = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    asked += 1;
    if (asked > 1) process.exit(1);
    say('\nStopping: calls are ended, then every process …');
    if (stack) void stack.stop().then(() => process.exit(0));
  });
}

try {
  const choices = choose(settings);
  const port = await portOrAny(settings.port);
  if (port === 0) say(`Port ${settings.port} is taken; another one is used.`);
  const started = await Stack.start({
    dataDir: settings.dataDir,
    port,
    workers: settings.workers,
    capacity: settings.capacity,
    redis: choices.redis,
    ...(settings.databaseUrl === undefined ? {} : { databaseUrl: settings.databaseUrl }),
    ...(settings.artifactsDir === undefined ? {} : { artifactsDir: settings.artifactsDir }),
    provider: choices.provider,
    restartWorkers: true,
    env: { PARLEY_DEVELOPMENT: 'true' },
    onProgress: (line) => say(`Starting ${line} …`),
  });
  stack = started;
  if (asked > 0) await leave(started, 0);
  await writeFile(
    join(settings.dataDir, 'dev.json'),
    `${JSON.stringify({ url: started.url, apiKey: started.apiKey })}\n`,
    { mode: 0o600 },
  );
  welcome(started, choices);
  const failed = await started.failed;
  say(`\n${failed} ended by itself. Its log: ${join(settings.dataDir, 'logs', `${failed}.log`)}`);
  say(started.process(failed)?.logTail() ?? '');
  await leave(started, 1);
} catch (error) {
  say(`\nParley did not start. ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function leave(running: Stack, code: number): Promise<never> {
  await running.stop();
  process.exit(code);
}

function welcome(running: Stack, choices: Choices): void {
  const redis = running.localRedis;
  const speech = running.readyLine('emulator')?.['speech'];
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  say('');
  say(`Parley is ready (${seconds} s).`);
  say('');
  say(`  Console     ${running.url}/#key=${running.apiKey}`);
  say(`  Tenant      Development (dev), API key ${running.apiKey}`);
  say(`  In a shell  npm run talk`);
  say('');
  say(`  Model       ${choices.providerWhy}`);
  if (speech !== undefined) say(`  Speech      ${describeSpeech(speech)}`);
  say(`  Redis       ${redis ? `${redis.engine}. ${redis.why}` : 'yours (REDIS_URL is set)'}`);
  say(`  Database    ${choices.databaseWhy}`);
  say(
    `  Processes   gateway, ${settings.workers} workers, tool-runner; logs in ${join(settings.dataDir, 'logs')}`,
  );
  say('');
  say('Ctrl-C stops everything.');
}

/** What the emulator said of its speech: `{mode, capabilities: {vad, transcription, synthesis}, fallback}`. */
function describeSpeech(speech: unknown): string {
  const { mode, capabilities, fallback } = asRecord(speech);
  const parts = Object.entries(asRecord(capabilities)).map(([part, state]) => {
    const { engine, reason } = asRecord(state);
    return typeof engine === 'string' ? `${part} by ${engine}` : `${part} not available (${String(reason)})`;
  });
  if (typeof fallback === 'string') parts.push(fallback);
  return [mode === 'real' ? 'it listens and speaks' : `${String(mode)} sounds`, ...parts].join('; ');
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
