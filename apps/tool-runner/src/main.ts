import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { settingsOfThisProcess, toolRunnerSettings } from '@parley/config';
import { ToolJobRunner } from '@parley/jobs';
import { systemClock } from '@parley/kernel';
import { loadAgents } from '@parley/live';
import { announceReady, boundPort, failStart, NestLog, onProcessEnd, ParleyErrorFilter } from '@parley/nest';
import { queueConnectionOptions } from '@parley/redis';
import { Metrics, openLog } from '@parley/telemetry';
import { runTool } from './tool-resolver.js';
import { ToolRunnerModule } from './tool-runner.module.js';

/** What runs may take this long to finish when the process is asked to end; then it goes back to the queue. */
const DRAIN_GRACE_MS = 10_000;

const settings = settingsOfThisProcess(toolRunnerSettings);
const log = openLog({ level: settings.logLevel, fields: { app: 'tool-runner' } });
const metrics = new Metrics(['live_tool_jobs_total']);

try {
  const agents = await loadAgents(settings.agentsDir);
  const runner = new ToolJobRunner({
    connection: queueConnectionOptions(settings.queueRedisUrl ?? settings.redisUrl, Math.random),
    run: async (job, { signal }) => {
      let outcome = 'error';
      try {
        const result = await runTool(agents, job, signal);
        outcome = 'ok';
        return result;
      } finally {
        metrics.count('live_tool_jobs_total', { outcome });
      }
    },
    clock: systemClock,
    log,
    concurrency: settings.concurrency,
  });
  await runner.whenReady();
  let draining = false;
  const readiness = { notReady: () => (draining ? 'draining' : undefined) };
  const app = await NestFactory.create<NestExpressApplication>(ToolRunnerModule.of(readiness, metrics), {
    logger: new NestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ParleyErrorFilter(log));
  await app.listen(settings.port, settings.host);
  onProcessEnd(
    async () => {
      draining = true;
      await runner.close(DRAIN_GRACE_MS);
      await app.close();
    },
    { endWithParent: settings.endWithParent },
  );
  announceReady({ app: 'tool-runner', port: boundPort(app.getHttpServer()) });
} catch (error) {
  failStart(error, log);
}
