import { Button, Modal, PasswordInput, Text } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useCall, useController } from '../use-call.js';

/** Asks for the API key, for this tab only. */
export function KeyDialog() {
  const controller = useController();
  const { needsKey, problem } = useCall();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (key.trim() === '') return;
    setBusy(true);
    await controller.useKey(key.trim());
    setBusy(false);
  };
  return (
    <Modal
      opened={needsKey}
      onClose={() => undefined}
      withCloseButton={false}
      title="Enter your API key"
      centered
      radius="lg"
    >
      <form onSubmit={(event) => void submit(event)}>
        <Text size="sm" c="dimmed" mb="md">
          Starting the service prints an address that brings its key along. A key begins with{' '}
          <code>parley_</code> and is kept in this tab only.
        </Text>
        <PasswordInput
          data-testid="key-input"
          data-autofocus
          label="API key"
          value={key}
          autoComplete="off"
          error={problem?.title}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Button
          data-testid="key-submit"
          type="submit"
          fullWidth
          mt="md"
          loading={busy}
          disabled={key.trim() === ''}
        >
          Continue
        </Button>
      </form>
    </Modal>
  );
}
