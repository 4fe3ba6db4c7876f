import { Switch } from '@mantine/core';
import { useState } from 'react';
import type { EventLine } from '../call/event-line.js';
import classes from './event-log.module.css';
import { EventRow } from './event-row.js';

/** Everything that the server said, the newest first; each line opens. */
export function EventLog({ events }: { readonly events: readonly EventLine[] }) {
  const [withPartials, setWithPartials] = useState(false);
  const shown = withPartials ? events : events.filter((line) => !line.partial);
  return (
    <div className={classes.log}>
      <header className={classes.header}>
        <h2 className={classes.title}>Events</h2>
        <Switch
          size="xs"
          label="Deltas"
          checked={withPartials}
          onChange={(event) => setWithPartials(event.currentTarget.checked)}
        />
      </header>
      <div className={classes.rows} data-testid="event-log">
        {shown.length === 0 && <p className={classes.empty}>What the server says shows up here.</p>}
        {shown.toReversed().map((line) => (
          <EventRow key={line.key} line={line} />
        ))}
      </div>
    </div>
  );
}
