import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController, METRICS, READINESS, type Readiness } from '@parley/nest';
import type { Metrics } from '@parley/telemetry';

/** What a tool-runner shows over HTTP: its health and its metrics. Jobs come in by the queue. */
@Module({})
export class ToolRunnerModule {
  static of(readiness: Readiness, metrics: Metrics): DynamicModule {
    return {
      module: ToolRunnerModule,
      controllers: [HealthController],
      providers: [
        { provide: READINESS, useValue: readiness },
        { provide: METRICS, useValue: metrics },
      ],
    };
  }
}
