import { useCall, useController } from '../use-call.js';
import classes from './session-facts.module.css';

/** Which session this is, on which model. */
export function SessionFacts() {
  const controller = useController();
  const { sessionId, ready, agents, agent } = useCall();
  const tools = agents?.find(({ name }) => name === agent)?.tools ?? [];
  return (
    <dl className={classes.facts}>
      {tools.length > 0 && <Fact name="Tools" value={tools.map(({ name }) => name).join(', ')} />}
      {ready && <Fact name="Model" value={ready.provider.model} />}
      {sessionId && <Fact name="Session" value={sessionId} testId="session-id" />}
      {ready && ready.remembered > 0 && <Fact name="Remembered" value={`${ready.remembered} events`} />}
      {controller.lateFrames() > 0 && <Fact name="Late frames" value={String(controller.lateFrames())} />}
    </dl>
  );
}

function Fact({
  name,
  value,
  testId,
}: {
  readonly name: string;
  readonly value: string;
  readonly testId?: string;
}) {
  return (
    <>
      <dt className={classes.name}>{name}</dt>
      <dd className={classes.value} title={value} data-testid={testId}>
        {value}
      </dd>
    </>
  );
}
