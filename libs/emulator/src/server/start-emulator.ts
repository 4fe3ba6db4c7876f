import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { newId, ParleyError, silentLog, systemClock } from '@parley/kernel';
import { WebSocketServer, type WebSocket } from 'ws';
import { RuleBrain } from '../brain/rule-brain.js';
import type { FrameStyle } from '../codec/server-message.js';
import { encodeLoadFrames, type LoadFrames } from '../load/load-frames.js';
import { LoadSession } from '../load/load-session.js';
import { LoadWheel } from '../load/load-wheel.js';
import type { Behaviour } from '../session/behaviour.js';
import { EmulatorSession } from '../session/emulator-session.js';
import { PaceTicker } from '../session/pace-ticker.js';
import { MemoryResumptionStore, ownerOfCredential } from '../session/resumption-store.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import type { EmulatedSession } from './emulated-session.js';
import { scenariosOf, type EmulatorOptions } from './emulator-options.js';
import { EmulatorStats } from './emulator-stats.js';
import { EventLog } from './event-log.js';
import { credentialOf, readLivePath, type LivePath } from './live-path.js';
import { seededRandom } from './seeded-random.js';
import { sensesOf } from './senses.js';
import { SessionConnection } from './session-connection.js';

export interface RunningEmulator {
  /** Such as http://127.0.0.1:40123; SDKs take it, with `/s/{scenario}` behind it, as base URL. */
  readonly url: string;
  readonly port: number;
  /** Open sessions, oldest first. */
  sessions(): readonly EmulatedSession[];
  readonly stats: Readonly<EmulatorStats>;
  /** Breaks off all sessions and stops listening; idempotent. */
  close(): Promise<void>;
}

/** Google's own limit is not known; this takes any sensible message. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const KEEP_ALIVE_MS = 30_000;

/** Listens, and answers when clients can connect. Rejects when the port can't be had. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const cheap = options.speech?.mode === 'cheap';
  const style = options.frames ?? (cheap ? 'compact-text' : 'pretty-binary');
  const emulator = new Emulator(options, style, await encodeLoadFrames(style));
  await emulator.listen(options.host ?? '127.0.0.1', options.port ?? 0);
  return emulator;
}

/** The listening server and all its sessions; owns the HTTP server, the tickers and every connection. */
class Emulator implements RunningEmulator {
  readonly stats = new EmulatorStats();
  readonly #options: EmulatorOptions;
  readonly #style: FrameStyle;
  readonly #scenarios: ReadonlyMap<string, Behaviour>;
  readonly #environment: SessionEnvironment;
  readonly #ticker: PaceTicker;
  readonly #loadFrames: LoadFrames;
  readonly #wheel: LoadWheel;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #open = new Set<SessionConnection>();
  #closing: Promise<void> | undefined;
  #host = '';

  constructor(options: EmulatorOptions, style: FrameStyle, loadFrames: LoadFrames) {
    const clock = options.clock ?? systemClock;
    const log = options.log ?? silentLog;
    const engine = options.speech?.mode === 'real' ? options.speech.engine : undefined;
    this.#options = options;
    this.#style = style;
    this.#scenarios = scenariosOf(options);
    this.#loadFrames = loadFrames;
    this.#ticker = new PaceTicker(clock, this.stats.lag);
    this.#wheel = new LoadWheel(clock, this.stats.lag);
    this.#environment = {
      clock,
      ticker: this.#ticker,
      brain: new RuleBrain(),
      senses: sensesOf(engine, this.stats, log),
      resumption: options.resumption ?? new MemoryResumptionStore(clock),
      log,
    };
    this.#http = createServer(options.onRequest ?? ((_request, response) => response.writeHead(404).end()));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      skipUTF8Validation: options.speech?.mode === 'cheap',
    });
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `http://${host}:${this.port}`;
  }

  sessions(): readonly EmulatedSession[] {
    return [...this.#open];
  }

  listen(host: string, port: number): Promise<void> {
    this.#host = host;
    return new Promise((resolve, reject) => {
      this.#http.once('error', (cause) => {
        reject(new ParleyError('internal', 'The emulator could not listen.', { details: { port }, cause }));
      });
      this.#http.listen(port, host, () => resolve());
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#ticker.close();
      this.#wheel.close();
      for (const connection of this.#open) connection.reset();
      this.#webSockets.close();
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    return this.#closing;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = request.url ?? '/';
    const path = readLivePath(target);
    const behaviour = path && this.#scenarios.get(path.scenario);
    const refusal = this.#closing ? 503 : path && behaviour ? behaviour.refuseUpgradeStatus : 404;
    socket.on('error', () => socket.destroy());
    if (refusal !== undefined || !path || !behaviour) {
      socket.end(`HTTP/1.1 ${refusal ?? 404} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const owner = ownerOfCredential(credentialOf(target, request.headers));
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    request.socket.setNoDelay(true);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#serve(webSocket, path, behaviour, owner);
    });
  }

  #serve(socket: WebSocket, path: LivePath, behaviour: Behaviour, owner: string): void {
    const { clock, log } = this.#environment;
    this.stats.sessionsOpened += 1;
    const connection = new SessionConnection({
      id: newId('emu'),
      scenario: path.scenario,
      api: path.api,
      socket,
      frames: this.#style,
      events: new EventLog(clock, behaviour.load ? 0 : (this.#options.eventsPerSession ?? 500)),
      stats: this.stats,
      log,
      onClosed: () => {
        this.stats.sessionsClosed += 1;
        this.#open.delete(connection);
      },
    });
    this.#open.add(connection);
    const random = seededRandom((this.#options.seed ?? 1) * 1_000_003 + this.stats.sessionsOpened);
    connection.serve(
      behaviour.load
        ? { kind: 'load', session: this.#loadSession(connection, random) }
        : { kind: 'conversation', session: this.#conversation(connection, path, behaviour, owner, random) },
    );
  }

  #loadSession(connection: SessionConnection, random: () => number): LoadSession {
    return new LoadSession({
      frames: this.#loadFrames,
      wheel: this.#wheel,
      random,
      send: (frame) => connection.sendFrame(frame),
      hangUp: (reason) => connection.closeSocket(reason),
    });
  }

  #conversation(
    connection: SessionConnection,
    { api, version }: LivePath,
    behaviour: Behaviour,
    owner: string,
    random: () => number,
  ): EmulatorSession {
    return new EmulatorSession({
      id: connection.id,
      api,
      version,
      owner,
      behaviour,
      environment: this.#environment,
      random,
      send: (message) => connection.send(message),
      hangUp: (reason) => connection.closeSocket(reason),
    });
  }
}
