import { Button, Tooltip } from '@mantine/core';
import { useCall, useController } from '../use-call.js';
import { BoltIcon } from './icons.js';
import classes from './kill-worker.module.css';

const MEANING =
  'Ends the process that runs this call, at once and without warning. Another one takes the call over.';

/** Only where the server is being developed: shows that a call outlives its worker. */
export function KillWorker() {
  const controller = useController();
  const { development, connection, outage } = useCall();
  if (!development) return null;
  const broken = outage !== undefined && outage.state !== 'back';
  return (
    <div className={classes.corner} role="group" aria-label="Development">
      <span className={classes.mark}>Development</span>
      <Tooltip
        label={MEANING}
        multiline
        w={250}
        withArrow
        openDelay={400}
        events={{ hover: true, focus: true, touch: false }}
      >
        <Button
          data-testid="kill-worker"
          size="compact-sm"
          variant="default"
          className={classes.button ?? ''}
          leftSection={<BoltIcon size={14} />}
          disabled={connection !== 'live'}
          // not disabled while the call is broken: that would take the keyboard's focus away
          aria-disabled={broken}
          {...(broken ? { 'data-disabled': true } : {})}
          onClick={() => {
            if (!broken) void controller.killWorker();
          }}
        >
          Kill my worker
        </Button>
      </Tooltip>
    </div>
  );
}
