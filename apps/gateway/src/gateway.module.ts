import { Module, type DynamicModule } from '@nestjs/common';
import type { gatewaySettings, SettingsOf } from '@parley/config';
import { systemClock } from '@parley/kernel';
import { HealthController, METRICS, READINESS } from '@parley/nest';
import type { Metrics } from '@parley/telemetry';
import type { GatewayProcess } from './gateway-process.js';
import { LiveStreamsController } from './fallback/live-streams.controller.js';
import { AgentsController } from './http/agents.controller.js';
import { ApiKeyGuard } from './http/api-key.guard.js';
import { DevController } from './http/dev.controller.js';
import { SessionsController } from './http/sessions.controller.js';
import { LiveGateway } from './live/live.gateway.js';
import { AGENTS, API_KEYS, CALLS, CLIENT_TOKENS, CLOCK, LIVE_STREAMS, SESSIONS, SETTINGS } from './tokens.js';

@Module({})
export class GatewayModule {
  static of(
    gateway: GatewayProcess,
    settings: SettingsOf<typeof gatewaySettings>,
    metrics: Metrics,
  ): DynamicModule {
    const { agents, sessions, keys, tokens, calls, streams } = gateway.parts;
    return {
      module: GatewayModule,
      controllers: [
        HealthController,
        AgentsController,
        SessionsController,
        LiveStreamsController,
        ...(settings.development ? [DevController] : []),
      ],
      providers: [
        LiveGateway,
        ApiKeyGuard,
        { provide: AGENTS, useValue: agents },
        { provide: SESSIONS, useValue: sessions },
        { provide: API_KEYS, useValue: keys },
        { provide: CLIENT_TOKENS, useValue: tokens },
        { provide: CALLS, useValue: calls },
        { provide: LIVE_STREAMS, useValue: streams },
        { provide: SETTINGS, useValue: settings },
        { provide: CLOCK, useValue: systemClock },
        { provide: READINESS, useValue: gateway },
        { provide: METRICS, useValue: metrics },
      ],
    };
  }
}
