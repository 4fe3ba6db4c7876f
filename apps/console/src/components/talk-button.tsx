import { Button } from '@mantine/core';
import { useCall, useController } from '../use-call.js';
import type { CallState } from '../call/call-state.js';
import { MicIcon, MicOffIcon } from './icons.js';
import classes from './talk-button.module.css';

/** The big button: begins the call, and switches the microphone during it. */
export function TalkButton() {
  const controller = useController();
  const { connection, microphone, agent } = useCall();
  const on = microphone !== 'off';
  return (
    <Button
      data-testid="talk-button"
      size="lg"
      radius="xl"
      className={classes.talk ?? ''}
      disabled={agent === undefined}
      variant={on ? 'default' : 'filled'}
      aria-pressed={on}
      aria-keyshortcuts="M Space"
      leftSection={on ? <MicOffIcon /> : <MicIcon />}
      onClick={() => void controller.toggleTalk()}
    >
      {labelOf(connection, on)}
    </Button>
  );
}

function labelOf(connection: CallState['connection'], on: boolean): string {
  if (on) return 'Mute';
  switch (connection) {
    case 'ended':
      return 'Call again';
    case 'idle':
    case 'connecting':
    case 'live':
      return 'Talk';
  }
}
