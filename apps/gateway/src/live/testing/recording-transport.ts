import type { ClientTransport } from '../client-transport.js';

/** A client's connection that writes down what it is given. */
export class RecordingTransport implements ClientTransport {
  readonly kind = 'websocket';
  readonly sent: string[] = [];
  readonly frames: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** What counts as waiting in the network. */
  backlog = 0;

  sendText(json: string): void {
    this.sent.push(json);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    this.frames.push(bytes);
    this.sent.push(`frame of turn ${bytes[7] ?? 0}`);
    onLeft();
  }

  bufferedBytes(): number {
    return this.backlog;
  }

  confirm(onConfirmed: () => void): void {
    onConfirmed();
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  listen(): void {
    return;
  }

  /** The messages of `type`. */
  said(type: string): Record<string, unknown>[] {
    return this.sent
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .filter((message) => message['type'] === type);
  }

  codes(): unknown[] {
    return this.said('error').map(({ error }) => (error as { readonly code: string }).code);
  }
}
