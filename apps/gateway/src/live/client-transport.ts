/**
 * How a connection ended. `done`: the client said goodbye. `lost`: it broke, or went without a word; the client may come
 * back. What this side closed is either.
 */
export type ClosedHow = 'done' | 'lost';

/** One client connection, whatever it runs on. Sends never throw; after the end they do nothing. */
export interface ClientTransport {
  readonly kind: 'websocket' | 'socketio' | 'sse';
  sendText(json: string): void;
  /** `bytes` belong to the transport from here on; `onLeft` is called once the network has taken them. */
  sendBinary(bytes: Uint8Array, onLeft: () => void): void;
  /** Bytes accepted that the network has not taken yet. */
  bufferedBytes(): number;
  /**
   * Asks the client to say that it has taken all that was sent before. `onConfirmed` is called once it has, or has said so
   * of something later; never when it does not. A transport whose clients can not be asked says what it knows: that the
   * network has taken it.
   */
  confirm(onConfirmed: () => void): void;
  /** `code` is a WebSocket close code of the error table. */
  close(code: number, reason: string): void;
  /** Called once; `onClosed` comes exactly once, after the last message. */
  listen(listener: ClientTransportListener): void;
}

/** What a transport tells the connection. */
export interface ClientTransportListener {
  onText(json: string): void;
  onBinary(bytes: Uint8Array): void;
  onClosed(how: ClosedHow): void;
}
