import { randomBytes } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { newId, ParleyError, silentLog, systemClock } from '@parley/kernel';
import { WebSocketServer, type WebSocket } from 'ws';
import { RuleBrain } from '../brain/rule-brain.js';
import type { FrameStyle } from '../codec/server-message.js';
import { FaultPlan } from '../fault/fault-plan.js';
import type { CompleteFault } from '../fault/fault.js';
import { shakeHands } from '../fault/handshake-faults.js';
import { ApiRequests } from '../http/api-requests.js';
import { AuthTokens } from '../http/auth-tokens.js';
import { TokenGate } from '../http/token-gate.js';
import { encodeLoadFrames, type LoadFrames } from '../load/load-frames.js';
import { LoadSession } from '../load/load-session.js';
import { LoadWheel } from '../load/load-wheel.js';
import type { ScenarioPlan } from '../scenario/scenario-plan.js';
import { ScriptedSessions } from '../scenario/scripted-sessions.js';
import type { CloseReason } from '../session/close-reason.js';
import { EmulatorSession } from '../session/emulator-session.js';
import { PaceTicker } from '../session/pace-ticker.js';
import { MemoryResumptionStore } from '../session/resumption-store.js';
import { HANDLE_TTL_MS, ownerOfCredential, Resumption } from '../session/resumption.js';
import type { SessionEnvironment } from '../session/session-environment.js';
import { Transcripts } from '../session/transcript.js';
import { ControlRequests } from './control-requests.js';
import type { EmulatedSession } from './emulated-session.js';
import { ConnectionControl, type EmulatorControl } from './emulator-control.js';
import { scenariosOf, type EmulatorOptions } from './emulator-options.js';
import { EmulatorStats } from './emulator-stats.js';
import { EventLog } from './event-log.js';
import { credentialOf, readLivePath, scenarioOf, type LivePath } from './live-path.js';
import { seededRandom } from './seeded-random.js';
import { sensesOf } from './senses.js';
import { SessionConnection } from './session-connection.js';

export interface RunningEmulator {
  /** Such as http://127.0.0.1:40123; SDKs take it, with `/s/{scenario}` behind it, as base URL. */
  readonly url: string;
  readonly port: number;
  /** Names of all scenarios. */
  readonly scenarios: readonly string[];
  /** Open sessions, oldest first. */
  sessions(): readonly EmulatedSession[];
  readonly stats: Readonly<EmulatorStats>;
  readonly control: EmulatorControl;
  /** Hands sessions to a test that plays the model message by message. */
  readonly scripts: Pick<ScriptedSessions, 'next' | 'newest'>;
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
  readonly scripts = new ScriptedSessions();
  readonly #options: EmulatorOptions;
  readonly #style: FrameStyle;
  readonly #scenarios: ReadonlyMap<string, ScenarioPlan>;
  readonly #environment: SessionEnvironment;
  readonly #transcripts = new Transcripts();
  readonly #ticker: PaceTicker;
  readonly #loadFrames: LoadFrames;
  readonly #wheel: LoadWheel;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #open = new Set<SessionConnection>();
  /** Sockets whose upgrade request is never answered. */
  readonly #ignored = new Set<Duplex>();
  readonly #faults: FaultPlan;
  readonly control: EmulatorControl;
  readonly #tokens: AuthTokens;
  #answers = 0;
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
      resumption: new Resumption({
        store: options.resumption?.store ?? new MemoryResumptionStore(clock),
        secret: options.resumption?.secret ?? randomBytes(32).toString('base64url'),
        ttlMs: options.resumption?.ttlMs ?? HANDLE_TTL_MS,
        newId: () => randomBytes(18).toString('base64url'),
      }),
      transcripts: this.#transcripts,
      log,
    };
    this.#faults = new FaultPlan(options.faults ?? [], seededRandom(options.seed ?? 1));
    this.control = new ConnectionControl(this.#open, this.#faults, this.#transcripts);
    this.#tokens = new AuthTokens(clock, () => randomBytes(24).toString('hex'));
    this.#http = createServer(this.#requestListener(options));
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

  get scenarios(): readonly string[] {
    return [...this.#scenarios.keys()];
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
      this.scripts.close();
      for (const connection of this.#open) connection.reset();
      for (const socket of this.#ignored) socket.destroy();
      this.#webSockets.close();
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    return this.#closing;
  }

  #requestListener({
    onRequest,
    controlSecret,
    seed = 1,
    strictV1 = false,
  }: EmulatorOptions): RequestListener {
    const otherwise: RequestListener = onRequest ?? ((_request, response) => response.writeHead(404).end());
    const control =
      controlSecret === undefined ? undefined : new ControlRequests(this.control, controlSecret);
    const api = new ApiRequests({
      environment: this.#environment,
      tokens: this.#tokens,
      planNamed: (name) => this.#scenarios.get(name),
      strictV1,
      newRandom: () => seededRandom(seed * 1_000_003 - ++this.#answers),
    });
    return (request, response) => {
      const taken = control?.answer(request, response) || api.answer(request, response);
      if (!taken) otherwise(request, response);
    };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = request.url ?? '/';
    const path = readLivePath(target);
    const plan = path && this.#scenarios.get(scenarioOf(path, request.headers));
    socket.on('error', () => socket.destroy());
    const withoutService = this.#options.strictV1 && path?.api === 'gemini' && path.version === 'v1';
    if (this.#closing || withoutService || !path || !plan)
      return refuseUpgrade(socket, this.#closing ? 503 : 404);
    const credential = credentialOf(target, request.headers);
    const owner = this.#tokens.ownerOf(credential) ?? ownerOfCredential(credential);
    const outcome = shakeHands(this.#faults.forSession(plan.behaviour.faults, owner));
    if (outcome.kind === 'refused') return refuseUpgrade(socket, outcome.status);
    if (outcome.kind === 'ignored') {
      this.#ignored.add(socket);
      socket.on('close', () => this.#ignored.delete(socket));
      // unread, it would never notice that the client has gone
      socket.on('end', () => socket.destroy()).resume();
      return;
    }
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    request.socket.setNoDelay(true);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#serve(webSocket, request, path, plan, owner, outcome.faults);
    });
  }

  #serve(
    socket: WebSocket,
    request: IncomingMessage,
    path: LivePath,
    plan: ScenarioPlan,
    owner: string,
    faults: readonly CompleteFault[],
  ): void {
    const { clock, log } = this.#environment;
    const { behaviour } = plan;
    this.stats.sessionsOpened += 1;
    const connection = new SessionConnection({
      id: newId('emu'),
      scenario: plan.name,
      api: path.api,
      request: { target: request.url ?? '/', headers: request.headers },
      socket,
      tcp: request.socket,
      faults,
      frames: this.#style,
      events: new EventLog(clock, behaviour.load ? 0 : (this.#options.eventsPerSession ?? 500)),
      stats: this.stats,
      clock,
      log,
      onArrived: () => this.scripts.arrived(connection),
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
        : { kind: 'conversation', session: this.#conversation(connection, path, plan, owner, random) },
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
    { api, version, constrained }: LivePath,
    { behaviour, script }: ScenarioPlan,
    owner: string,
    random: () => number,
  ): EmulatorSession {
    return new EmulatorSession({
      id: connection.id,
      api,
      version,
      owner,
      behaviour,
      script,
      planNamed: (name) => this.#scenarios.get(name),
      ...(constrained && { gate: this.#tokenGate(connection) }),
      wire: connection,
      environment: this.#environment,
      random,
      send: (message) => connection.send(message),
      hangUp: (reason) => connection.closeSocket(reason),
    });
  }

  #tokenGate({ request }: SessionConnection): (frame: string) => string | CloseReason {
    const name = credentialOf(request.target, request.headers);
    return new TokenGate(this.#tokens, name, this.#environment.clock).pass;
  }
}

function refuseUpgrade(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? 'Refused';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
