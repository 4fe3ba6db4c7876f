import { SUBPROTOCOL, type ReadyMessage } from '@parley/wire';
import { dialInTurn } from './dial-in-turn.js';
import type { LiveEvents } from './live-events.js';
import { ParleyClient, type CallOptions } from './parley-client.js';
import type { LiveTransport } from './transport.js';
import { WebSocketTransport } from './web-socket-transport.js';

export type LiveHandlers = { readonly [Name in keyof LiveEvents]?: (payload: LiveEvents[Name]) => void };

/** Several `url`s are gateways of one service, tried in turn. */
export type ConnectLiveOptions = CallOptions & {
  /** Added before dialling, so that nothing is missed. */
  readonly on?: LiveHandlers;
} & (
    | { readonly url: string | readonly string[] }
    | { readonly dial: () => LiveTransport }
    | { readonly transport: LiveTransport }
  );

/** Makes a call and waits until the agent is ready; see `ParleyClient.connect` for how it fails. */
export async function connectLive(
  options: ConnectLiveOptions,
): Promise<{ readonly client: ParleyClient; readonly ready: ReadyMessage }> {
  const client = new ParleyClient(
    'url' in options ? { ...options, dial: browserDial(options.url) } : options,
  );
  for (const name of Object.keys(options.on ?? {}) as (keyof LiveEvents)[]) listen(client, name, options.on);
  return { client, ready: await client.connect() };
}

function browserDial(url: string | readonly string[]): () => LiveTransport {
  return dialInTurn(typeof url === 'string' ? [url] : url, browserTransport);
}

/** A transport over the runtime's own `WebSocket`. */
export function browserTransport(url: string): LiveTransport {
  return new WebSocketTransport(() => new WebSocket(url, [SUBPROTOCOL]));
}

function listen<Name extends keyof LiveEvents>(
  client: ParleyClient,
  name: Name,
  handlers: LiveHandlers | undefined,
): void {
  const handler: ((payload: LiveEvents[Name]) => void) | undefined = handlers?.[name];
  if (handler) client.on(name, handler);
}
