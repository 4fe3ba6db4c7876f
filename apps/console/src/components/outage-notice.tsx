import { useCall } from '../use-call.js';
import { outageWords } from '../call/outage.js';
import classes from './outage-notice.module.css';

/** Says quietly that the call broke and how it goes on. It lies over the page, so that nothing moves. */
export function OutageNotice() {
  const { outage } = useCall();
  const words = outage && outageWords(outage);
  return (
    <div className={classes.place} role="status" aria-live="polite">
      {words && (
        <p className={classes.notice} data-testid="outage" data-state={outage.state}>
          <span className={classes.dot} aria-hidden="true" />
          <strong className={classes.title}>{words.title}</strong> {words.detail}
        </p>
      )}
    </div>
  );
}
