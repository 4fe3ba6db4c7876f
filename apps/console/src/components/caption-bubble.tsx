import type { CaptionEntry } from '../call/transcript.js';
import classes from './caption-bubble.module.css';

/** One stretch of speech: lighter while it grows. */
export function CaptionBubble({
  entry,
  firstAudioMs,
}: {
  readonly entry: CaptionEntry;
  readonly firstAudioMs: number | undefined;
}) {
  const { speaker, author, text, final, turn } = entry.caption;
  return (
    <article
      className={classes.bubble}
      data-testid={`caption-${speaker}`}
      data-speaker={speaker}
      data-final={final}
      data-interrupted={entry.interrupted}
      data-turn={turn}
    >
      <header className={classes.who}>
        <span className={classes.name}>{speaker === 'user' ? 'You' : author}</span>
        {firstAudioMs !== undefined && (
          <span className={classes.wait} title="From the end of the question to the first audio">
            {(firstAudioMs / 1000).toFixed(2)} s
          </span>
        )}
      </header>
      <p className={classes.text}>{text}</p>
      {entry.interrupted && (
        <p className={classes.cut} data-testid="interruption-mark">
          Interrupted
        </p>
      )}
    </article>
  );
}
