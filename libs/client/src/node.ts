/** The client's entry for Node.js: the same client, over the package `ws`. */
import { SUBPROTOCOL } from '@parley/wire';
import { WebSocket } from 'ws';
import { dialInTurn } from './dial-in-turn.js';
import type { LiveTransport } from './transport.js';
import { WebSocketTransport } from './web-socket-transport.js';

/** A transport over `ws`, without compression (speech does not compress, and it costs memory per connection). */
export function nodeTransport(url: string): LiveTransport {
  return new WebSocketTransport(
    () => new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false, handshakeTimeout: 10_000 }),
  );
}

/** For `ParleyClient`'s `dial`: line after line to these gateways of one service, tried in turn. */
export function nodeDial(...urls: readonly string[]): () => LiveTransport {
  return dialInTurn(urls, nodeTransport);
}
