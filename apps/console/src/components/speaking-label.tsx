import type { OrbState } from './voice-orb.js';
import classes from './speaking-label.module.css';

/** Who is speaking, in words; what the orb shows in pictures. */
export function SpeakingLabel({
  state,
  microphoneOn,
  agent,
}: {
  readonly state: OrbState;
  readonly microphoneOn: boolean;
  readonly agent: string;
}) {
  const { title, hint, keys } = wordsFor(state, microphoneOn, agent);
  return (
    <div className={classes.label}>
      <p className={classes.title} data-testid="speaking-state" data-state={state} role="status">
        {title}
      </p>
      <p className={classes.hint}>
        {hint}
        {keys && <span className={classes.keys}>{keys}</span>}
      </p>
    </div>
  );
}

interface Words {
  readonly title: string;
  readonly hint: string;
  /** Only for those who have a keyboard. */
  readonly keys?: string;
}

function wordsFor(state: OrbState, microphoneOn: boolean, agent: string): Words {
  switch (state) {
    case 'idle':
      return { title: 'Ready when you are', hint: 'Talk, or type a message' };
    case 'ended':
      return { title: 'Call ended', hint: 'Call again to go on, or begin a new session' };
    case 'connecting':
      return { title: 'Connecting…', hint: 'You can start speaking already' };
    case 'user':
      return { title: 'You are speaking', hint: 'Pause, and the agent answers' };
    case 'thinking':
      return { title: 'Thinking…', hint: `${agent} is working on an answer` };
    case 'agent':
      return { title: 'Agent is speaking', hint: 'Talk over it to interrupt', keys: ', or press Esc' };
    case 'listening':
      return microphoneOn
        ? { title: 'Listening', hint: 'Say something' }
        : { title: 'Microphone is off', hint: 'Talk, or type a message', keys: ' (M or Space talks)' };
  }
}
