import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useCall, useController } from '../use-call.js';
import classes from './call-buttons.module.css';
import { CameraIcon, CameraOffIcon, HangUpIcon, PlusIcon, StopIcon } from './icons.js';

/** What one can do with the call besides talking. */
export function CallButtons() {
  const controller = useController();
  const { connection, speaking, camera, sessionId, agent } = useCall();
  const live = connection === 'live';
  return (
    <div className={classes.row} role="group" aria-label="Call">
      <CallButton
        testId="camera-button"
        label={camera ? 'Turn the camera off' : 'Show the agent something with the camera'}
        pressed={camera !== undefined}
        disabled={agent === undefined}
        onClick={() => void controller.toggleCamera()}
      >
        {camera ? <CameraOffIcon /> : <CameraIcon />}
      </CallButton>
      <CallButton
        testId="stop-button"
        label="Stop what the agent is saying (Esc)"
        disabled={!live || speaking !== 'agent'}
        onClick={() => controller.interrupt()}
      >
        <StopIcon />
      </CallButton>
      <CallButton
        testId="hang-up-button"
        label="Hang up"
        danger
        disabled={!live}
        onClick={() => controller.hangUp()}
      >
        <HangUpIcon />
      </CallButton>
      <CallButton
        testId="new-session"
        label="New session: hang up and forget what was said"
        disabled={sessionId === undefined || connection === 'connecting'}
        onClick={() => void controller.newSession()}
      >
        <PlusIcon />
      </CallButton>
    </div>
  );
}

interface CallButtonProps {
  readonly testId: string;
  readonly label: string;
  readonly disabled: boolean;
  readonly pressed?: boolean;
  readonly danger?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function CallButton({ testId, label, disabled, pressed, danger, onClick, children }: CallButtonProps) {
  return (
    <Tooltip label={label} withArrow openDelay={400} events={{ hover: true, focus: true, touch: false }}>
      <ActionIcon
        data-testid={testId}
        size={44}
        radius="xl"
        variant={pressed ? 'light' : 'default'}
        className={danger ? (classes.danger ?? '') : ''}
        aria-label={label}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
