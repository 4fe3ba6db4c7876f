import { Alert, Button } from '@mantine/core';
import { useCall, useController } from '../use-call.js';
import type { CallController } from '../call/call-controller.js';
import type { ProblemAction } from '../call/problem.js';
import classes from './error-banner.module.css';

const ACTIONS: Readonly<Record<ProblemAction, { label: string; run: (controller: CallController) => void }>> =
  {
    retry: { label: 'Try again', run: (controller) => void controller.callAgain() },
    key: { label: 'Enter a key', run: (controller) => controller.askForKey() },
    'new-session': { label: 'New session', run: (controller) => void controller.newSession() },
  };

/** What went wrong and what to do about it. */
export function ErrorBanner() {
  const controller = useController();
  const { problem, needsKey } = useCall();
  // The dialog that asks for a key tells that trouble itself.
  if (!problem || needsKey) return null;
  const action = problem.action && ACTIONS[problem.action];
  return (
    <Alert
      className={classes.banner ?? ''}
      data-testid="error-banner"
      role="alert"
      variant="default"
      title={problem.title}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={() => controller.dismissProblem()}
    >
      <div className={classes.body}>
        <span>{problem.advice}</span>
        {action && (
          <Button size="compact-sm" variant="default" onClick={() => action.run(controller)}>
            {action.label}
          </Button>
        )}
      </div>
    </Alert>
  );
}
