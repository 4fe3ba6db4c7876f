import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { settingsOfThisProcess, workerSettings } from '@parley/config';
import { announceReady, boundPort, failStart, NestLog, onProcessEnd, ParleyErrorFilter } from '@parley/nest';
import { Metrics, openLog } from '@parley/telemetry';
import { WorkerModule } from './worker.module.js';
import { WorkerProcess } from './worker-process.js';

const settings = settingsOfThisProcess(workerSettings);
const log = openLog({ level: settings.logLevel, fields: { app: 'worker' } });
const metrics = new Metrics([
  'live_sessions_active',
  'live_session_ends_total',
  'live_session_duration_seconds',
  'live_worker_slots_capacity',
  'live_worker_slots_used',
  'live_worker_load_ratio',
  'live_dropped_frames_total',
]);

try {
  const worker = await WorkerProcess.start(settings, metrics, log);
  const app = await NestFactory.create<NestExpressApplication>(WorkerModule.of(worker, metrics), {
    logger: new NestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ParleyErrorFilter(log));
  await app.listen(settings.port, settings.host);
  onProcessEnd(
    async () => {
      await worker.close();
      await app.close();
    },
    { endWithParent: settings.endWithParent },
  );
  announceReady({ app: 'worker', port: boundPort(app.getHttpServer()) });
} catch (error) {
  failStart(error, log);
}
