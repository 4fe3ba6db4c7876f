import { useCall } from '../use-call.js';
import { AgentSelect } from './agent-select.js';
import { ColorSchemeButton } from './color-scheme-button.js';
import { ConnectionPill } from './connection-pill.js';
import { EmulatedBadge } from './emulated-badge.js';
import classes from './page-header.module.css';

export function PageHeader() {
  const { connection, ready, outage } = useCall();
  return (
    <header className={classes.header}>
      <h1 className={classes.brand}>
        <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" fill="var(--agent)" />
          <path
            d="M9 13.5v5M13.7 10v12M18.3 12v8M23 14.5v3"
            stroke="var(--card)"
            strokeWidth="2.6"
            strokeLinecap="round"
          />
        </svg>
        <span className={classes.name}>Parley</span>
      </h1>
      <AgentSelect />
      <div className={classes.state}>
        {ready?.provider.emulated && <EmulatedBadge />}
        <ConnectionPill connection={connection} broken={outage !== undefined && outage.state !== 'back'} />
      </div>
      <ColorSchemeButton />
    </header>
  );
}
