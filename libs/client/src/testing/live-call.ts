import { ManualClock } from '@parley-testing/kernel';
import type { ErrorCode } from '@parley/kernel';
import type { WireError } from '@parley/wire';
import type { LiveEvents } from '../live-events.js';
import { ParleyClient, type CallOptions } from '../parley-client.js';
import { MemoryGateway } from './memory-gateway.js';

export interface LiveCall {
  readonly clock: ManualClock;
  readonly gateway: MemoryGateway;
  readonly client: ParleyClient;
  /** What it told of its lines and its end, by event name. */
  readonly told: (readonly [keyof LiveEvents, unknown])[];
  names(): string[];
}

/** A call that is live and has a way back; chance always draws 0. */
export async function liveCall(options: Partial<CallOptions> = {}, windowMs = 120_000): Promise<LiveCall> {
  const clock = new ManualClock();
  const gateway = new MemoryGateway();
  const client = new ParleyClient({ dial: gateway.dial, token: 't', clock, random: () => 0, ...options });
  const told: (readonly [keyof LiveEvents, unknown])[] = [];
  for (const name of ['reconnecting', 'resumed', 'delivered', 'error', 'closed'] as const) {
    client.on(name, (payload) => told.push([name, payload]));
  }
  const ready = client.connect();
  gateway.ready(windowMs);
  await ready;
  return { clock, gateway, client, told, names: () => told.map(([name]) => name) };
}

/** As `liveCall`, with the line lost and the first attempt about to be made. */
export async function brokenCall(options: Partial<CallOptions> = {}): Promise<LiveCall> {
  const call = await liveCall(options);
  call.gateway.line.hangUp(1006, 'gone');
  return call;
}

/** An error as a server says it; it ends the connection, if `more` does not say otherwise. */
export function failure(code: ErrorCode, more: Partial<WireError> = {}): object {
  return { type: 'error', error: { code, message: 'Sorry.', fatal: true, ...more } };
}
