import { memo, useState } from 'react';
import type { EventLine } from '../call/event-line.js';
import classes from './event-row.module.css';

/** One line of the log; opened, the JSON that came. */
export const EventRow = memo(function EventRow({ line }: { readonly line: EventLine }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className={classes.row}
      data-testid="event-row"
      data-kind={line.kind}
      data-tone={line.tone}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className={classes.summary}>
        <span className={classes.time}>{(line.atMs / 1000).toFixed(2)}</span>
        <span className={classes.kind}>{line.kind}</span>
        <span className={classes.text}>{line.summary}</span>
        {line.turn !== undefined && <span className={classes.turn}>turn {line.turn}</span>}
      </summary>
      {open && <pre className={classes.json}>{JSON.stringify(line.json, null, 2)}</pre>}
    </details>
  );
});
