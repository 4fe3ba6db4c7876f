import { Body, Controller, Get, HttpCode, HttpStatus, Inject, Post, UseGuards } from '@nestjs/common';
import { ParleyError } from '@parley/kernel';
import type { Principal } from '@parley/tenancy';
import { z } from 'zod';
import type { LiveCalls } from '../live/live-calls.js';
import { CALLS } from '../tokens.js';
import { ApiKeyGuard, FromTenant } from './api-key.guard.js';

const crashWorker = z.strictObject({ liveId: z.string().min(1).max(128) });

/** For whoever develops agents or shows what the service does. Registered only with `PARLEY_DEVELOPMENT=true`. */
@Controller('v1/dev')
@UseGuards(ApiKeyGuard)
export class DevController {
  readonly #calls: Pick<LiveCalls, 'crashWorkerOf'>;

  constructor(@Inject(CALLS) calls: Pick<LiveCalls, 'crashWorkerOf'>) {
    this.#calls = calls;
  }

  /** That it answers says that this server is one of those. */
  @Get()
  state(): { readonly development: true } {
    return { development: true };
  }

  /** Ends the process that runs a call of this gateway, at once and without warning, to see the call go on. */
  @Post('crash-worker')
  @HttpCode(HttpStatus.ACCEPTED)
  crashWorker(@FromTenant() principal: Principal, @Body() body: unknown): { readonly liveId: string } {
    const wanted = crashWorker.safeParse(body);
    if (!wanted.success) {
      throw new ParleyError('invalid_message', 'Send {"liveId": …}.', { kind: 'invalid_argument' });
    }
    const { liveId } = wanted.data;
    if (this.#calls.crashWorkerOf(liveId, principal.tenantId)) return { liveId };
    throw new ParleyError('session_not_found', 'This gateway has no such call.', { kind: 'not_found' });
  }
}
