import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback-port.js';

export interface GenerateCall {
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** Whether the client has let go of the response. */
  closed: boolean;
}

export type GenerateAnswer =
  | { readonly json: unknown; readonly status?: number }
  /** Events in order; `open`: the response does not end after them. */
  | { readonly events: readonly unknown[]; readonly open?: boolean }
  | 'silence';

/** A server that speaks `generateContent` and `streamGenerateContent` on loopback, and answers as it is told. */
export class FakeGenerateServer {
  readonly calls: GenerateCall[] = [];
  readonly #answers: GenerateAnswer[];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  baseUrl = '';

  constructor(...answers: GenerateAnswer[]) {
    this.#answers = answers;
  }

  async start(): Promise<this> {
    this.baseUrl = `http://127.0.0.1:${await listenOnLoopback(this.#server)}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const call: GenerateCall = { path: request.url ?? '', body, closed: false };
    this.calls.push(call);
    response.on('close', () => (call.closed = true));
    const answer = this.#answers.shift() ?? 'silence';
    if (answer === 'silence') return;
    if ('json' in answer) {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.json));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of answer.events) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
    if (!answer.open) response.end();
  }
}
