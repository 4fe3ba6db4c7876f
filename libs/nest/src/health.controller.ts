import {
  Controller,
  Get,
  Header,
  HttpCode,
  HttpException,
  HttpStatus,
  Inject,
  Query,
  Res,
} from '@nestjs/common';
import type { Metrics } from '@parley/telemetry';
import type { Readiness } from './readiness.js';
import { METRICS, READINESS } from './tokens.js';

interface HttpReply {
  type(contentType: string): HttpReply;
  send(body: string): void;
}

/** The three addresses that Kubernetes and Prometheus ask. */
@Controller()
export class HealthController {
  readonly #readiness: Readiness;
  readonly #metrics: Metrics;

  constructor(@Inject(READINESS) readiness: Readiness, @Inject(METRICS) metrics: Metrics) {
    this.#readiness = readiness;
    this.#metrics = metrics;
  }

  @Get('livez')
  @HttpCode(HttpStatus.OK)
  @Header('cache-control', 'no-store')
  livez(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  readyz(@Query('scope') scope?: unknown): { readonly status: 'ready' } {
    const reason = this.#readiness.notReady(typeof scope === 'string' ? scope : undefined);
    if (reason !== undefined)
      throw new HttpException({ status: 'not ready', reason }, HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'ready' };
  }

  @Get('metrics')
  async metrics(@Res() reply: HttpReply): Promise<void> {
    const { contentType, body } = await this.#metrics.expose();
    reply.type(contentType).send(body);
  }
}
