import type { Connection } from '../call/call-state.js';
import classes from './connection-pill.module.css';

const WORDS: Readonly<Record<Connection, string>> = {
  idle: 'Not connected',
  connecting: 'Connecting',
  live: 'Live',
  ended: 'Call ended',
};

export function ConnectionPill({ connection }: { readonly connection: Connection }) {
  return (
    <span className={classes.pill} data-testid="connection-state" data-state={connection} role="status">
      <span className={classes.words}>{WORDS[connection]}</span>
    </span>
  );
}
