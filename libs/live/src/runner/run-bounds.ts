import { withinBounds, type Clock } from '@parley/kernel';

/** How long callbacks may go on when the run that they belong to has ended. */
const LAST_CALLBACKS_MS = 500;

export interface Bounded {
  readonly clock: Clock;
  /** Aborts when the run has to end. */
  readonly ended: AbortSignal;
}

/** What `work` comes to; rejects at once when the run has to end, whatever `work` still does. */
export function untilEnded<T>({ clock, ended }: Bounded, work: PromiseLike<T>): Promise<T> {
  return withinBounds(work, { clock, withinMs: Infinity, signal: ended, onExpiry: tooLate });
}

/** The same for what an end brings about itself: it has half a second more. */
export async function untilLongEnded<T>({ clock, ended }: Bounded, work: PromiseLike<T>): Promise<T> {
  const longEnded = new AbortController();
  let cancel = (): void => undefined;
  const onEnd = (): void => {
    cancel = clock.after(LAST_CALLBACKS_MS, () => longEnded.abort(tooLate()));
  };
  if (ended.aborted) onEnd();
  else ended.addEventListener('abort', onEnd, { once: true });
  try {
    return await untilEnded({ clock, ended: longEnded.signal }, work);
  } finally {
    cancel();
    ended.removeEventListener('abort', onEnd);
  }
}

function tooLate(): Error {
  return new Error('The run is over.');
}
