import type { Connection } from '../call/call-state.js';
import classes from './connection-pill.module.css';

const WORDS: Readonly<Record<Connection, string>> = {
  idle: 'Not connected',
  connecting: 'Connecting',
  live: 'Live',
  ended: 'Call ended',
};

export function ConnectionPill({
  connection,
  broken,
}: {
  readonly connection: Connection;
  /** The call is live, but nothing goes up or down just now. */
  readonly broken: boolean;
}) {
  return (
    <span
      className={classes.pill}
      data-testid="connection-state"
      data-state={connection}
      data-broken={broken || undefined}
      role="status"
    >
      <span className={classes.words}>{broken ? 'Carrying on' : WORDS[connection]}</span>
    </span>
  );
}
