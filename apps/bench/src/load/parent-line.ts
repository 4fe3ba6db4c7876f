import type { AddressInfo } from 'node:net';

/** What a child of the bench is asked, and what it answers. */
export type Command = 'reset' | 'report';

/** Tells the parent the port once `server` listens, and answers its commands. */
export function serveParent(
  server: { address(): AddressInfo | string | null; once(event: 'listening', run: () => void): unknown },
  answer: (command: Command) => unknown,
): void {
  const tell = (): void => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
  };
  if (server.address()) tell();
  else server.once('listening', tell);
  process.on('message', (command: Command) => process.send?.({ answer: answer(command) ?? null }));
  process.on('disconnect', () => process.exit(0));
}
