import { useCall, useController } from '../use-call.js';
import { CallButtons } from './call-buttons.js';
import { CameraPreview } from './camera-preview.js';
import { FirstAudioTimes } from './first-audio-times.js';
import { KillWorker } from './kill-worker.js';
import { LevelBar } from './level-bar.js';
import { SessionFacts } from './session-facts.js';
import { SpeakingLabel } from './speaking-label.js';
import classes from './stage.module.css';
import { TalkButton } from './talk-button.js';
import { orbStateOf, VoiceOrb } from './voice-orb.js';

/** The call itself: who speaks, the buttons, the meters. */
export function Stage() {
  const controller = useController();
  const { connection, speaking, microphone, camera, firstAudio, agent } = useCall();
  const state = orbStateOf(connection, speaking);
  const live = connection === 'live';
  return (
    <section className={classes.stage} aria-label="Call">
      <div className={classes.who}>
        <VoiceOrb state={state} />
        <SpeakingLabel state={state} microphoneOn={microphone === 'on'} agent={agent ?? 'The agent'} />
      </div>
      <div className={classes.buttons}>
        <TalkButton />
        <CallButtons />
      </div>
      <KillWorker />
      {camera && <CameraPreview stream={camera} />}
      <div className={classes.figures}>
        <div className={classes.meters}>
          <LevelBar label="You" tone="user" rms={controller.microphoneRms} active={microphone === 'on'} />
          <LevelBar label="Agent" tone="agent" rms={controller.playerRms} active={live} />
        </div>
        <FirstAudioTimes times={firstAudio} />
        <SessionFacts />
      </div>
    </section>
  );
}
