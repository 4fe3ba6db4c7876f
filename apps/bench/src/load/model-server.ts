import { WebSocketServer, type WebSocket } from 'ws';
import { MODEL_FRAME_BYTES, MODEL_FRAME_MS, TALK_MS } from '../shape.js';
import { Delays } from './delays.js';
import { serveParent } from './parent-line.js';
import { millisecondsSince, STAMP_BYTES, writeStamp } from './stamp.js';

/** Nine bytes make twelve characters of base64 without padding: the stamp is encoded anew, the rest is ready made. */
const STAMPED_BYTES = 9;
const HEAD =
  '{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"';
const TAIL = '"}}]}}}';
const REST = Buffer.alloc(MODEL_FRAME_BYTES - STAMPED_BYTES, 0x21).toString('base64');
const CAPTION = '{"serverContent":{"outputTranscription":{"text":" words"}}}';
const TURN_END = [
  '{"serverContent":{"generationComplete":true}}',
  '{"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":250,"responseTokenCount":125,"totalTokenCount":375}}',
];
const STEPS = (2 * TALK_MS) / MODEL_FRAME_MS;
const UPLINK_DATA = '"data":"';

/**
 * The model's side of the bench: speaks the Live API's JSON, talks half of the time to every session, each with its
 * own phase, and measures how long callers' audio took to get here.
 */
export function runModelServer(): void {
  const up = new Delays();
  const stamp = Buffer.alloc(STAMPED_BYTES);
  const sessions = new Map<WebSocket, number>();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  let joined = 0;

  server.on('connection', (socket) => {
    let open = false;
    socket.on('message', (data: Buffer) => {
      if (!open) {
        open = true;
        socket.send('{"setupComplete":{}}');
        // phases are spread evenly, so that at any time half of the sessions talk
        sessions.set(socket, (joined++ * 37) % STEPS);
        return;
      }
      const at = data.indexOf(UPLINK_DATA);
      if (at < 0) return;
      const from = at + UPLINK_DATA.length;
      const head = Buffer.from(data.toString('latin1', from, from + 12), 'base64');
      if (head.byteLength >= STAMP_BYTES) up.add(millisecondsSince(head, 0));
    });
    socket.on('close', () => sessions.delete(socket));
    socket.on('error', () => undefined);
  });

  let step = 0;
  let due = performance.now();
  const tick = (): void => {
    const slot = step++ % 10;
    let index = 0;
    for (const [socket, phase] of sessions) {
      if (index++ % 10 === slot) speak(socket, (Math.floor(step / 10) + phase) % STEPS, stamp);
    }
    due += MODEL_FRAME_MS / 10;
    setTimeout(tick, Math.max(0, due - performance.now()));
  };
  tick();

  serveParent(server, (command) => {
    if (command === 'reset') up.reset();
    return up.summary();
  });
}

function speak(socket: WebSocket, position: number, stamp: Buffer): void {
  if (position > STEPS / 2) return;
  if (position === STEPS / 2) {
    for (const text of TURN_END) socket.send(text);
    return;
  }
  writeStamp(stamp, 0);
  socket.send(HEAD + stamp.toString('base64') + REST + TAIL);
  if (position % 10 === 0) socket.send(CAPTION);
}
