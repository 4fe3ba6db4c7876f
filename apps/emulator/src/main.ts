import type { RequestListener } from 'node:http';
import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { ParleyError } from '@parley/kernel';
import { openLog } from '@parley/telemetry';
import { metricsText } from './metrics-text.js';
import { openResumption } from './open-resumption.js';
import { EXIT_CONFIG, optionsOfThisProcess } from './program-options.js';
import { chooseSpeech } from './speech-choice.js';
import { welcomeText } from './welcome-text.js';

const options = optionsOfThisProcess();
const log = openLog({ level: options.logLevel, fields: { app: 'emulator' } });

/** How many messages of a session the control API can show. */
const EVENTS_UNDER_CONTROL = 200;

/** It answers requests only once it listens, so it is ready as soon as it is alive. */
const answer: RequestListener = (request, response) => {
  const [path] = (request.url ?? '/').split('?', 1);
  if (path === '/livez' || path === '/readyz') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  } else if (path === '/metrics' && emulator) {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(emulator.stats));
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
  }
};

let emulator: RunningEmulator | undefined;
try {
  const speech = await chooseSpeech(options.speech, log);
  const resumption = await openResumption(options.resumption, log);
  const running = await startEmulator({
    host: options.host,
    port: options.port,
    speech: speech.mode,
    strictV1: options.strictV1,
    ...(options.scenarioFolder !== undefined && { scenarioFolder: options.scenarioFolder }),
    ...(options.frames && { frames: options.frames }),
    behaviour: {
      ...(options.connectionMs !== undefined && { connectionMs: options.connectionMs }),
      ...(options.timeScale !== undefined && { timeScale: options.timeScale }),
    },
    ...(resumption && { resumption }),
    ...(options.controlSecret !== undefined && { controlSecret: options.controlSecret }),
    eventsPerSession: options.controlSecret === undefined ? 0 : EVENTS_UNDER_CONTROL,
    onRequest: answer,
    log,
  });
  emulator = running;
  const end = (): void => {
    void running
      .close()
      .then(() => resumption?.close())
      .then(() => speech.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('the emulator did not end cleanly', { error });
          process.exit(1);
        },
      );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (options.endWithParent) process.stdin.once('end', end).once('error', end).resume();
  const { port, url } = running;
  process.stdout.write(
    `${JSON.stringify({ ready: true, app: 'emulator', port, url, speech: speech.report })}\n`,
  );
  if (options.welcome || process.stdout.isTTY) {
    process.stdout.write(
      welcomeText({
        url,
        speech: speech.report,
        scenarios: running.scenarios,
        controlled: options.controlSecret !== undefined,
      }),
    );
  }
} catch (error) {
  if (error instanceof ParleyError && error.code === 'invalid_config') {
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
  log.error('the emulator can not start', { error });
  process.exit(1);
}
