import type { SpeakingState } from '@parley/client';
import type { Connection } from '../call/call-state.js';
import { useController } from '../use-call.js';
import { useLevel } from '../use-level.js';
import { MicIcon, ThinkingIcon, WaveIcon } from './icons.js';
import classes from './voice-orb.module.css';

export type OrbState = SpeakingState | Exclude<Connection, 'live'>;

export function orbStateOf(connection: Connection, speaking: SpeakingState): OrbState {
  return connection === 'live' ? speaking : connection;
}

/** The picture of who is speaking: it swells with the voice that is heard. */
export function VoiceOrb({ state }: { readonly state: OrbState }) {
  const controller = useController();
  const speaks = state === 'agent';
  const hears = state === 'user' || state === 'listening';
  const level = useLevel<HTMLDivElement>(
    speaks ? controller.playerRms : controller.microphoneRms,
    speaks || hears,
  );
  return (
    <div className={classes.orb} data-state={state} aria-hidden="true" ref={level}>
      <span className={classes.halo} />
      <span className={classes.ring} />
      <div className={classes.core}>
        <OrbIcon state={state} />
      </div>
    </div>
  );
}

function OrbIcon({ state }: { readonly state: OrbState }) {
  if (state === 'agent') return <WaveIcon size={40} />;
  if (state === 'thinking' || state === 'connecting') return <ThinkingIcon size={40} />;
  return <MicIcon size={38} />;
}
