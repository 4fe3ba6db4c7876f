import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@parley/event';
import { Stack, type StackOptions } from '@parley/local';
import { ParleyApi, type SessionGrant, type SessionRequest } from '@parley/client';
import type { SessionKey } from '@parley/live';
import { openDatabase, SqlSessionService } from '@parley/sql';
import { Caller } from './caller.js';

/** The whole service with a data folder of its own, which goes with it. Never uses what the environment names. */
export class Service {
  readonly stack: Stack;
  readonly api: ParleyApi;
  /** Database, files of sessions and logs. */
  readonly dataDir: string;

  static async start(options: Partial<StackOptions> = {}): Promise<Service> {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'));
    const stack = await Stack.start({
      port: 0,
      workers: 2,
      capacity: 80,
      redis: { prefer: 'server' },
      provider: { kind: 'emulator', speech: 'synthetic' },
      dataDir,
      ...options,
      env: { PARLEY_HANDSHAKES_PER_S: '1000', ...options.env },
    });
    return new Service(stack, dataDir);
  }

  private constructor(stack: Stack, dataDir: string) {
    this.stack = stack;
    this.dataDir = dataDir;
    this.api = new ParleyApi({ baseUrl: stack.url, apiKey: stack.apiKey });
  }

  get liveUrl(): string {
    return `${this.stack.url.replace('http', 'ws')}/v1/live`;
  }

  /** Makes a session, or calls one again, and connects. */
  async call(request: Partial<SessionRequest> = {}): Promise<Caller> {
    const grant = await this.api.createSession({ agent: 'concierge', userId: 'alice', ...request });
    return Caller.connect(this.liveUrl, grant);
  }

  async token(request: Partial<SessionRequest> = {}): Promise<string> {
    const grant = await this.api.createSession({ agent: 'concierge', userId: 'alice', ...request });
    return grant.clientToken;
  }

  /** Whose session it is that was granted. */
  keyOf({ agent, userId, sessionId }: SessionGrant): SessionKey {
    return { tenantId: 'dev', appName: agent, userId, sessionId };
  }

  /** The events of a session as they are stored now. */
  async stored(grant: SessionGrant): Promise<readonly Event[]> {
    const database = await openDatabase({ url: `file:${join(this.dataDir, 'parley.db')}` });
    try {
      const session = await new SqlSessionService(database).getSession(this.keyOf(grant));
      return session?.events ?? [];
    } finally {
      await database.close();
    }
  }

  /** The metrics text of one process. */
  async metrics(process: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.stack.portOf(process)}/metrics`);
    return response.text();
  }

  /** The sum of a metric's samples on one process. */
  async metric(process: string, name: string): Promise<number> {
    const lines = (await this.metrics(process)).split('\n');
    return lines
      .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** `worker-1` … with the sessions that each holds. */
  async sessionsByWorker(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (let n = 1; this.stack.process(`worker-${n}`); n++) {
      counts.set(`worker-${n}`, await this.metric(`worker-${n}`, 'live_sessions_active'));
    }
    return counts;
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
