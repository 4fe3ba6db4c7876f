import type { RequestListener } from 'node:http';
import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { openLog } from '@parley/telemetry';
import { metricsText } from './metrics-text.js';
import { optionsOfThisProcess } from './program-options.js';
import { chooseSpeech } from './speech-choice.js';

const options = optionsOfThisProcess();
const log = openLog({ level: options.logLevel, fields: { app: 'emulator' } });

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
  const running = await startEmulator({
    host: options.host,
    port: options.port,
    speech: speech.mode,
    ...(options.frames && { frames: options.frames }),
    ...(options.connectionMs !== undefined && { behaviour: { connectionMs: options.connectionMs } }),
    eventsPerSession: 0,
    onRequest: answer,
    log,
  });
  emulator = running;
  const end = (): void => {
    void running
      .close()
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
} catch (error) {
  log.error('the emulator can not start', { error });
  process.exit(1);
}
