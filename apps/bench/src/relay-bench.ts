import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Stack } from '@parley/local';
import { Child, cpuMsOf } from './load/child.js';
import type { DelaySummary } from './load/delays.js';
import { MachineLag } from './load/machine-lag.js';
import type { LoadShape } from './shape.js';

export interface BenchOptions {
  readonly program: string;
  readonly sessions: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly onProgress: (line: string) => void;
}

/** One measuring window of one system. */
export interface Window {
  /** CPU milliseconds per session and second. */
  readonly gatewayMs: number;
  readonly workerMs: number;
  /** Age of audio on arrival: caller to model, model to caller. */
  readonly up: DelaySummary;
  readonly down: DelaySummary;
  /** How late this process's own timers were: the machine's lag. */
  readonly lagP99Ms: number;
}

export interface ShapeResult {
  readonly shape: LoadShape;
  readonly bare: readonly Window[];
  readonly parley: readonly Window[];
}

interface System {
  readonly gatewayPid: number;
  readonly workerPid: number;
  readonly url: string;
  tokens(count: number): Promise<string[]>;
}

const SETTLE_MS = 2_000;

/** Measures both systems in alternating windows under the same callers and the same model. */
export async function benchRelay(
  shapes: readonly LoadShape[],
  options: BenchOptions,
): Promise<ShapeResult[]> {
  const { program, sessions, onProgress } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const children: Child[] = [];
  const start = async (role: string, settings: object): Promise<{ child: Child; port: number }> => {
    const started = await Child.start(program, role, settings);
    children.push(started.child);
    return started;
  };
  let stack: Stack | undefined;
  try {
    const model = await start('model', {});
    const modelUrl = `127.0.0.1:${model.port}`;
    const bareWorker = await start('bare-worker', { modelUrl: `ws://${modelUrl}` });
    const bareGateway = await start('bare-gateway', { workerPort: bareWorker.port });
    onProgress('starting the service');
    stack = await Stack.start({
      dataDir,
      port: 0,
      workers: 1,
      capacity: sessions + 10,
      redis: { prefer: 'server' },
      provider: { kind: 'emulator-at', url: `http://${modelUrl}` },
      env: { PARLEY_LOG_LEVEL: 'warn', PARLEY_HANDSHAKES_PER_S: '1000' },
    });
    const bare: System = {
      gatewayPid: bareGateway.child.pid,
      workerPid: bareWorker.child.pid,
      url: `ws://127.0.0.1:${bareGateway.port}`,
      tokens: async (count) => Array.from({ length: count }, () => ''),
    };
    const parley = systemOf(stack);
    const results: ShapeResult[] = [];
    for (const shape of shapes) {
      const windows = { bare: [] as Window[], parley: [] as Window[] };
      for (let round = 1; round <= options.rounds; round++) {
        for (const [name, system] of [
          ['bare', bare],
          ['parley', parley],
        ] as const) {
          onProgress(`${shape.name}, round ${round} of ${options.rounds}: ${name}`);
          windows[name].push(await measure(system, shape, model.child, options));
        }
      }
      results.push({ shape, ...windows });
    }
    return results;
  } finally {
    for (const child of children) await child.stop();
    await stack?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function systemOf(stack: Stack): System {
  return {
    gatewayPid: stack.process('gateway')?.pid ?? 0,
    workerPid: stack.process('worker-1')?.pid ?? 0,
    url: `${stack.url.replace('http', 'ws')}/v1/live`,
    tokens: async (count) => {
      const tokens: string[] = [];
      for (let i = 0; i < count; i++) tokens.push(await newToken(stack));
      return tokens;
    },
  };
}

async function newToken(stack: Stack): Promise<string> {
  const response = await fetch(`${stack.url}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agent: 'concierge' }),
  });
  const body = (await response.json()) as { clientToken?: string };
  if (body.clientToken === undefined)
    throw new Error(`no session: ${response.status} ${JSON.stringify(body)}`);
  return body.clientToken;
}

async function measure(
  system: System,
  shape: LoadShape,
  model: Child,
  options: BenchOptions,
): Promise<Window> {
  const { sessions, seconds, program } = options;
  const tokens = await system.tokens(sessions);
  const { framesPerSecond, frameBytes } = shape;
  const { child: callers } = await Child.start(program, 'callers', {
    url: system.url,
    tokens,
    framesPerSecond,
    frameBytes,
  });
  try {
    await pause(SETTLE_MS);
    await Promise.all([callers.ask('reset'), model.ask('reset')]);
    const lag = new MachineLag();
    const before = { gateway: cpuMsOf(system.gatewayPid), worker: cpuMsOf(system.workerPid) };
    const startedMs = performance.now();
    await pause(seconds * 1_000);
    const sessionSeconds = (sessions * (performance.now() - startedMs)) / 1_000;
    const gatewayMs = (cpuMsOf(system.gatewayPid) - before.gateway) / sessionSeconds;
    const workerMs = (cpuMsOf(system.workerPid) - before.worker) / sessionSeconds;
    const [down, up] = await Promise.all([callers.ask('report'), model.ask('report')]);
    return { gatewayMs, workerMs, down: down as DelaySummary, up: up as DelaySummary, lagP99Ms: lag.stop() };
  } finally {
    await callers.stop();
    await pause(500);
  }
}
