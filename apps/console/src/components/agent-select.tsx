import { Select } from '@mantine/core';
import { useCall, useController } from '../use-call.js';
import classes from './agent-select.module.css';

/** Which agent to call. Another agent means another session. */
export function AgentSelect() {
  const controller = useController();
  const { agents, agent, connection } = useCall();
  return (
    <Select
      data-testid="agent-select"
      className={classes.select ?? ''}
      aria-label="Agent"
      placeholder={agents?.length === 0 ? 'This server has no agents' : 'Agent'}
      data={agents?.map(({ name }) => name) ?? []}
      value={agent ?? null}
      allowDeselect={false}
      disabled={!agents || agents.length === 0 || connection === 'connecting'}
      comboboxProps={{ shadow: 'md' }}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span className={classes.name}>{option.value}</span>
          <span className={classes.about}>
            {agents?.find(({ name }) => name === option.value)?.description}
          </span>
        </span>
      )}
      onChange={(name) => name !== null && void controller.chooseAgent(name)}
    />
  );
}
