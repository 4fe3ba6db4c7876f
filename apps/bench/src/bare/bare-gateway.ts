import { connect } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { serveParent } from '../load/parent-line.js';
import { BareFrameReader, writeBareFrame } from './bare-frames.js';

/** The yardstick's first process: client WebSocket ⇄ TCP link, bytes passed through. */
export function runBareGateway(workerPort: number): void {
  const clients = new Map<number, WebSocket>();
  const reader = new BareFrameReader();
  const link = connect({ host: '127.0.0.1', port: workerPort, noDelay: true });
  let nextId = 1;
  const corked = corker(link);
  link.on('data', (chunk) => reader.read(chunk, (id, bytes) => clients.get(id)?.send(bytes)));

  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => {
    const id = nextId++;
    clients.set(id, socket);
    writeBareFrame(link, id, Buffer.alloc(0));
    socket.on('message', (data: Buffer) => {
      corked();
      writeBareFrame(link, id, data);
    });
    socket.on('close', () => clients.delete(id));
    socket.on('error', () => undefined);
  });
  serveParent(server, () => undefined);
}

/** Gathers what is written in one tick into one write. */
export function corker(stream: { cork(): void; uncork(): void }): () => void {
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    stream.cork();
    setImmediate(() => {
      corked = false;
      stream.uncork();
    });
  };
}
