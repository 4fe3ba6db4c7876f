import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController, METRICS, READINESS } from '@parley/nest';
import type { Metrics } from '@parley/telemetry';
import type { WorkerProcess } from './worker-process.js';

/** What a worker shows over HTTP: its health and its metrics. Sessions come in by the relay link. */
@Module({})
export class WorkerModule {
  static of(worker: WorkerProcess, metrics: Metrics): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [HealthController],
      providers: [
        { provide: READINESS, useValue: worker },
        { provide: METRICS, useValue: metrics },
      ],
    };
  }
}
