import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { asRecord } from '../proto-json.js';

/** What the server does with an upgrade request: accepts, answers with a status, says nothing, or cuts the line. */
export type UpgradeBehavior =
  | 'accept'
  | 'silent'
  | 'reset'
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sends the status line and headers, and never the body. */
      readonly stalled?: boolean;
    };

export interface FakeLiveServerOptions {
  readonly upgrade?: UpgradeBehavior | (() => UpgradeBehavior);
  /** Called when a client is there, before it has said anything. */
  readonly onOpen?: (peer: FakePeer) => void;
  /** Called with the client's first message. Accepts it when not given. */
  readonly onSetup?: (peer: FakePeer, setup: unknown) => void;
}

/**
 * The far end of a Gemini Live connection, as tests want it to behave: a real WebSocket server on a free loopback
 * port. It knows nothing of the conversation; tests say what is sent and when.
 */
export class FakeLiveServer {
  readonly peers: FakePeer[] = [];
  readonly requests: IncomingMessage[] = [];
  readonly #http: Server = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #options: FakeLiveServerOptions;

  private constructor(options: FakeLiveServerOptions) {
    this.#options = options;
    const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
    this.#http.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      // HTTP servers keep a socket half-open after the client is gone.
      socket.on('end', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.requests.push(request);
      const { upgrade = 'accept' } = options;
      const behavior = typeof upgrade === 'function' ? upgrade() : upgrade;
      if (behavior === 'silent') return void socket.resume();
      if (behavior === 'reset') return void socket.resetAndDestroy();
      if (behavior !== 'accept') return refuse(socket, behavior);
      webSockets.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, socket));
    });
  }

  static async start(options: FakeLiveServerOptions = {}): Promise<FakeLiveServer> {
    const server = new FakeLiveServer(options);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get baseUrl(): string {
    const address = this.#http.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** TCP connections that the client still holds open. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** The newest client. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('no client has connected');
    return peer;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #accept(ws: WebSocket, socket: Socket): void {
    const peer = new FakePeer(ws, socket, (setup) => {
      if (this.#options.onSetup) this.#options.onSetup(peer, setup);
      else peer.send({ setupComplete: {} });
    });
    this.peers.push(peer);
    this.#options.onOpen?.(peer);
  }
}

/** One client of the fake server. */
export class FakePeer {
  /** What the client said, as it came. */
  readonly frames: string[] = [];
  closeCode: number | undefined;
  pings = 0;
  readonly extensions: string;
  readonly #ws: WebSocket;
  readonly #socket: Socket;

  constructor(ws: WebSocket, socket: Socket, onSetup: (setup: unknown) => void) {
    this.#ws = ws;
    this.#socket = socket;
    this.extensions = ws.extensions;
    ws.on('error', () => undefined);
    ws.on('ping', () => (this.pings += 1));
    ws.on('close', (code) => (this.closeCode = code));
    ws.on('message', (data: Buffer) => {
      const text = data.toString();
      this.frames.push(text);
      if (this.frames.length === 1) onSetup(JSON.parse(text));
    });
  }

  /** What the client said after its set-up. */
  get messages(): unknown[] {
    return this.frames.slice(1).map((frame): unknown => JSON.parse(frame));
  }

  get setup(): unknown {
    const message: unknown = JSON.parse(this.frames[0] ?? 'null');
    return asRecord(message)?.['setup'];
  }

  /** What its set-up says of resumption: undefined when it does not want handles. */
  get resumption(): unknown {
    return asRecord(this.setup)?.['sessionResumption'];
  }

  /** A handle of the session as it is now. */
  giveHandle(newHandle: string, lastConsumedClientMessageIndex?: string): void {
    const index = lastConsumedClientMessageIndex === undefined ? {} : { lastConsumedClientMessageIndex };
    this.send({ sessionResumptionUpdate: { newHandle, resumable: true, ...index } });
  }

  /** A part of the model's turn. */
  speak(text: string): void {
    const audio = { inlineData: { mimeType: 'audio/pcm;rate=24000', data: 'AQIDBA==' } };
    this.send({ serverContent: { modelTurn: { parts: [audio] }, outputTranscription: { text } } });
  }

  /** A whole turn of the model, and the handle that follows it when one is given. */
  answer(text: string, newHandle?: string): void {
    this.speak(text);
    this.send({ serverContent: { generationComplete: true } });
    this.completeTurn(newHandle);
  }

  completeTurn(newHandle?: string): void {
    this.send({ serverContent: { turnComplete: true }, usageMetadata: { totalTokenCount: 1 } });
    if (newHandle !== undefined) this.giveHandle(newHandle);
  }

  /** As Google does it: pretty-printed, in a binary frame. */
  send(message: unknown): void {
    this.#ws.send(Buffer.from(`${JSON.stringify(message, undefined, 2)}\n`));
  }

  /** Compact, in a text frame. */
  sendText(message: unknown): void {
    this.#ws.send(JSON.stringify(message));
  }

  sendRaw(frame: string | Buffer): void {
    this.#ws.send(frame);
  }

  close(code: number, reason = ''): void {
    this.#ws.close(code, reason);
  }

  /** Cuts the line with a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Half-open: nothing is read, nothing answered, the line stays. */
  freeze(): void {
    this.#ws.pause();
  }
}

function refuse(socket: Socket, behavior: Exclude<UpgradeBehavior, string>): void {
  const { status, body = '', headers = {}, stalled = false } = behavior;
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    `content-length: ${Buffer.byteLength(body) + (stalled ? 1 : 0)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.resume();
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  if (!stalled) socket.end();
}
