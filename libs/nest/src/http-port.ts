import type { AddressInfo } from 'node:net';

/** The port that a listening HTTP server got; what it asked for may have been 0. */
export function boundPort(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
