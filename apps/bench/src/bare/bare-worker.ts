import { createServer, type Socket } from 'node:net';
import { FRAME_HEADER_BYTES } from '@parley/wire';
import { WebSocket } from 'ws';
import { serveParent } from '../load/parent-line.js';
import { BareFrameReader, writeBareFrame } from './bare-frames.js';
import { corker } from './bare-gateway.js';

const UP_HEAD = '{"realtimeInput":{"audio":{"data":"';
const UP_TAIL = '","mimeType":"audio/pcm;rate=16000"}}}';
const DATA = '"data":"';

/** The yardstick's second process: TCP link ⇄ the model's JSON, with one base64 up and one scan and one base64 down. */
export function runBareWorker(modelUrl: string): void {
  const server = createServer({ noDelay: true }, (link) => {
    const models = new Map<number, WebSocket>();
    const reader = new BareFrameReader();
    const corked = corker(link);
    link.on('data', (chunk) => {
      reader.read(chunk, (id, bytes) => {
        const model = models.get(id);
        if (!model) models.set(id, openModel(modelUrl, link, corked, id));
        else if (model.readyState === model.OPEN)
          model.send(UP_HEAD + bytes.toString('base64', FRAME_HEADER_BYTES) + UP_TAIL);
      });
    });
    const close = (): void => {
      for (const model of models.values()) model.terminate();
    };
    link.on('close', close);
    link.on('error', close);
  });
  server.listen(0, '127.0.0.1');
  serveParent(server, () => undefined);
}

function openModel(url: string, link: Socket, corked: () => void, id: number): WebSocket {
  const model = new WebSocket(url, { perMessageDeflate: false });
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  model.on('open', () => model.send('{"setup":{}}'));
  model.on('error', () => undefined);
  model.on('message', (message: Buffer) => {
    const at = message.indexOf(DATA);
    if (at < 0) return;
    const from = at + DATA.length;
    const audio = Buffer.from(message.toString('latin1', from, message.indexOf('"', from)), 'base64');
    corked();
    writeBareFrame(link, id, Buffer.concat([header, audio]));
  });
  return model;
}
