import type { EventJson } from '@parley/event';
import {
  encodeFrame,
  FRAME_CODEC,
  FRAME_KIND,
  type ClientMessageInput,
  type ReadyMessage,
  type ServerMessage,
} from '@parley/wire';
import type { LiveTransport, TransportListener } from '../transport.js';

export const READY: ReadyMessage = {
  type: 'ready',
  protocol: { min: 1, max: 1 },
  sessionId: 'ses_1',
  liveId: 'liv_1',
  agent: 'concierge',
  provider: { name: 'emulator', model: 'gemini-3.8-live', emulated: true },
  remembered: 0,
};

/** What a server counts over all lines of a call. */
export class Numbering {
  seq = 0;
  readonly frames = new Map<number, number>();
}

/** Both ends of a line in one object: a transport for the client, and by its other methods the server. */
export class MemoryTransport implements LiveTransport {
  /** What the client sent, in order. */
  readonly sent: (ClientMessageInput | Uint8Array)[] = [];
  /** Set it to make the line slow. */
  bufferedBytes = 0;
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  readonly #numbering: Numbering;
  #listener: TransportListener | undefined;

  constructor(numbering = new Numbering()) {
    this.#numbering = numbering;
  }

  open(listener: TransportListener): void {
    this.#listener = listener;
  }

  sendMessage(message: ClientMessageInput): void {
    this.sent.push(message);
  }

  sendFrame(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(code: number, reason: string): void {
    if (this.closedWith) return;
    this.closedWith = { code, reason };
    this.#listener?.closed({ code, reason });
  }

  get messages(): ClientMessageInput[] {
    return this.sent.filter((item) => !(item instanceof Uint8Array)) as ClientMessageInput[];
  }

  get frames(): Uint8Array[] {
    return this.sent.filter((item) => item instanceof Uint8Array);
  }

  accept(): void {
    this.#listener?.opened();
  }

  say(message: ServerMessage): void {
    this.#listener?.message(message);
  }

  /** A value that need not be a message of the protocol. */
  sayAnything(value: unknown): void {
    this.#listener?.message(value);
  }

  /** An event of the agent `concierge`, with the next `seq`. */
  sayEvent(turn: number, event: EventJson): void {
    const seq = (this.#numbering.seq += 1);
    const base = { id: `e${seq}`, invocationId: 'e-1', author: 'concierge', timestamp: 1_000 };
    this.say({ type: 'event', seq, turn, event: { ...base, ...event } });
  }

  /** Silence of the agent's voice as one frame of the turn. */
  speak(turn: number, durationMs: number, flags = 0): void {
    const { frames } = this.#numbering;
    const seq = frames.get(turn) ?? 0;
    frames.set(turn, seq + 1);
    this.receiveFrame(
      encodeFrame({
        kind: FRAME_KIND.model,
        codec: FRAME_CODEC.pcm16at24k,
        flags,
        turn,
        seq,
        tsMs: seq * durationMs,
        payload: new Uint8Array(durationMs * 48),
      }),
    );
  }

  receiveFrame(bytes: Uint8Array): void {
    this.#listener?.frame(bytes);
  }

  hangUp(code: number | undefined, reason = ''): void {
    if (this.closedWith) return;
    this.closedWith = { code: code ?? 1006, reason };
    this.#listener?.closed({ code, reason });
  }
}
