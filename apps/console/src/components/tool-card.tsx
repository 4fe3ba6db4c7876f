import type { ToolEntry } from '../call/transcript.js';
import { ToolIcon } from './icons.js';
import classes from './tool-card.module.css';

const PROGRESS: Readonly<Record<ToolEntry['progress'], string>> = {
  running: 'running…',
  done: 'done',
  cancelled: 'cancelled',
};

/** A tool at work: what it was called with, and what it has answered so far. */
export function ToolCard({ entry }: { readonly entry: ToolEntry }) {
  const { call, responses, progress } = entry;
  return (
    <details className={classes.card} data-testid="tool-call" data-progress={progress}>
      <summary className={classes.summary}>
        <ToolIcon size={15} />
        <span className={classes.name}>{call.name}</span>
        <span className={classes.args}>{briefly(call.args)}</span>
        <span className={classes.progress}>{PROGRESS[progress]}</span>
      </summary>
      <pre className={classes.json}>{JSON.stringify(call.args, null, 2)}</pre>
      {responses.map((response, index) => (
        <pre key={index} className={classes.json} data-kind="response">
          {JSON.stringify(response.response, null, 2)}
        </pre>
      ))}
    </details>
  );
}

function briefly(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
