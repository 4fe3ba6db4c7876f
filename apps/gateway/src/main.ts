import { resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { gatewaySettings, settingsOfThisProcess } from '@parley/config';
import { announceReady, boundPort, failStart, NestLog, onProcessEnd, ParleyErrorFilter } from '@parley/nest';
import { Metrics, openLog } from '@parley/telemetry';
import { MAX_MESSAGE_BYTES } from '@parley/wire';
import { GatewayModule } from './gateway.module.js';
import { GatewayProcess } from './gateway-process.js';
import { RawLiveEndpoint } from './live/raw-live-endpoint.js';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than a load balancer keeps an idle connection, so that it is never the server that hangs up first. */
const KEEP_ALIVE_MS = 65_000;

const settings = settingsOfThisProcess(gatewaySettings);
const log = openLog({ level: settings.logLevel, fields: { app: 'gateway' } });
const metrics = new Metrics([
  'live_first_audio_seconds',
  'live_interruptions_total',
  'live_interruption_stop_seconds',
  'live_interruption_stale_frames_total',
  'live_session_starts_total',
  'live_placement_seconds',
  'live_gateway_connections',
  'live_ws_bytes_total',
  'live_ws_closes_total',
  'live_auth_failures_total',
  'live_protocol_errors_total',
  'live_dropped_frames_total',
  'live_failovers_total',
  'live_failover_gap_seconds',
  'live_resumes_total',
  'live_replayed_input_seconds_total',
]);

try {
  const gateway = await GatewayProcess.start(settings, metrics, log);
  const app = await NestFactory.create<NestExpressApplication>(GatewayModule.of(gateway, settings, metrics), {
    logger: new NestLog(log),
    abortOnError: false,
  });
  // a post of the SSE fall-back may be as long as a message of a socket
  app.useBodyParser('json', { limit: MAX_MESSAGE_BYTES });
  app.useGlobalFilters(new ParleyErrorFilter(log));
  app.useWebSocketAdapter(new IoAdapter(app));
  app.useStaticAssets(resolve(settings.consoleDir));
  app.enableCors({ origin: true, credentials: false });
  app.disable('x-powered-by');
  const http = app.getHttpServer();
  http.headersTimeout = HEADERS_TIMEOUT_MS;
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  const raw = new RawLiveEndpoint(http, gateway.parts.calls);
  await app.listen(settings.port, settings.host);
  onProcessEnd(
    async () => {
      await gateway.drain(settings.drainS * 1_000);
      await raw.close();
      http.closeIdleConnections();
      await app.close();
      await gateway.close();
    },
    { endWithParent: settings.endWithParent, drainMs: settings.drainS * 1_000 },
  );
  announceReady({ app: 'gateway', port: boundPort(http) });
} catch (error) {
  failStart(error, log);
}
