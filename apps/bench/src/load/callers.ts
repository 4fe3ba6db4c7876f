import {
  CLOSE_NORMAL,
  encodeFrame,
  FRAME_CODEC,
  FRAME_HEADER_BYTES,
  FRAME_KIND,
  SUBPROTOCOL,
} from '@parley/wire';
import { WebSocket } from 'ws';
import { Delays } from './delays.js';
import type { Command } from './parent-line.js';
import { millisecondsSince, writeStamp } from './stamp.js';

export interface CallersOptions {
  readonly url: string;
  /** One per caller; empty texts for the yardstick, which wants none. */
  readonly tokens: readonly string[];
  readonly framesPerSecond: number;
  readonly frameBytes: number;
}

const OPEN_AT_ONCE = 10;
const GOODBYE_MS = 300;

/** Callers in one process: each sends microphone frames on its own phase and measures how old the model's are. */
export async function runCallers(options: CallersOptions): Promise<void> {
  const down = new Delays();
  const sockets: WebSocket[] = [];
  for (let i = 0; i < options.tokens.length; i += OPEN_AT_ONCE) {
    const opened = options.tokens.slice(i, i + OPEN_AT_ONCE).map((token) => call(options.url, token, down));
    sockets.push(...(await Promise.all(opened)));
  }
  sockets.forEach((socket, index) => speak(socket, options, index / sockets.length));
  process.on('message', (command: Command) => {
    if (command === 'reset') down.reset();
    process.send?.({ answer: down.summary() });
  });
  process.on('disconnect', () => {
    // a call that is broken off would keep its slot for two minutes
    for (const socket of sockets) socket.close(CLOSE_NORMAL);
    setTimeout(() => process.exit(0), GOODBYE_MS);
  });
  process.send?.({ port: 0 });
}

function call(url: string, token: string, down: Delays): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false });
    socket.on('open', () => {
      if (token === '') resolve(socket);
      else socket.send(JSON.stringify({ type: 'hello', token }));
    });
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) down.add(millisecondsSince(data, FRAME_HEADER_BYTES));
      else if (data.includes('"type":"ready"')) resolve(socket);
    });
  });
}

function speak(socket: WebSocket, options: CallersOptions, phase: number): void {
  const periodMs = 1_000 / options.framesPerSecond;
  const startMs = performance.now() + phase * periodMs;
  let sent = 0;
  const next = (): void => {
    if (socket.readyState !== socket.OPEN) return;
    // a fresh buffer each time, as a microphone gives
    const payload = Buffer.alloc(options.frameBytes, 0x11);
    writeStamp(payload, 0);
    const frame = {
      kind: FRAME_KIND.mic,
      codec: FRAME_CODEC.pcm16at16k,
      flags: 0,
      turn: 0,
      seq: sent,
      tsMs: 0,
    };
    socket.send(encodeFrame({ ...frame, payload }));
    sent += 1;
    setTimeout(next, Math.max(0, startMs + sent * periodMs - performance.now()));
  };
  setTimeout(next, Math.max(0, startMs - performance.now()));
}
