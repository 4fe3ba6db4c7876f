import { ActionIcon, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useCall, useController } from '../use-call.js';
import classes from './composer.module.css';
import { SendIcon } from './icons.js';

/** The box to type in. What could not be sent stays in it. */
export function Composer() {
  const controller = useController();
  const { agent, connection } = useCall();
  const [text, setText] = useState('');
  const send = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const message = text.trim();
    if (message === '' || connection === 'connecting') return;
    if (await controller.sendText(message)) setText('');
  };
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)}>
      <TextInput
        data-testid="text-input"
        className={classes.input ?? ''}
        aria-label="Message"
        placeholder={agent ? `Message ${agent}` : 'Message'}
        size="md"
        radius="xl"
        maxLength={8_000}
        autoComplete="off"
        value={text}
        disabled={agent === undefined}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ActionIcon
        data-testid="send-button"
        type="submit"
        size={42}
        radius="xl"
        aria-label="Send"
        disabled={agent === undefined || text.trim() === ''}
        loading={connection === 'connecting' && text !== ''}
      >
        <SendIcon />
      </ActionIcon>
    </form>
  );
}
