import type { FirstAudioTime } from '../call/call-state.js';
import classes from './first-audio-times.module.css';

const SHOWN = 12;
/** A bar this high means this slow, or slower. */
const TALLEST_MS = 2_000;

/** How long the agent took to be heard: the latest turn in figures, those before as bars. */
export function FirstAudioTimes({ times }: { readonly times: readonly FirstAudioTime[] }) {
  const latest = times.at(-1);
  return (
    <div className={classes.card}>
      <div>
        <p className={classes.caption}>First audio</p>
        <p className={classes.figure} data-testid="first-audio" data-turn={latest?.turn} data-ms={latest?.ms}>
          {latest ? `${(latest.ms / 1000).toFixed(2)} s` : '–'}
        </p>
      </div>
      <div className={classes.bars} aria-hidden="true">
        {times.slice(-SHOWN).map(({ turn, ms }) => (
          <span
            key={turn}
            className={classes.bar}
            title={`Turn ${turn}: ${(ms / 1000).toFixed(2)} s`}
            style={{ height: `${Math.max(8, Math.min(1, ms / TALLEST_MS) * 100)}%` }}
          />
        ))}
      </div>
    </div>
  );
}
