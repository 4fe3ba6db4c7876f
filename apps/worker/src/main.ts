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
  'live_model_connect_seconds',
  'live_model_replacements_total',
  'live_model_gap_seconds',
  'live_model_restarts_total',
  'live_model_connect_failures_total',
  'live_model_abandoned_total',
  'live_model_stall_nudges_total',
  'live_model_cut_turns_total',
  'live_model_replayed_audio_seconds_total',
  'live_model_dropped_audio_seconds_total',
  'live_model_dropped_input_total',
  'live_model_messages_total',
  'live_model_protocol_errors_total',
  'live_model_listener_errors_total',
  'live_agent_handover_seconds',
  'live_model_tokens_total',
  'live_worker_slots_capacity',
  'live_worker_slots_used',
  'live_worker_load_ratio',
  'live_dropped_frames_total',
  'live_detached_sessions',
  'live_replayed_messages_total',
  'live_moves_total',
  'live_drain_seconds',
  'live_barrier_holds_total',
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
    { endWithParent: settings.endWithParent, drainMs: settings.drainS * 1_000 },
  );
  announceReady({ app: 'worker', port: boundPort(app.getHttpServer()) });
} catch (error) {
  failStart(error, log);
}
