import type { RealtimeInput } from '../codec/client-message.js';
import { durationText, type ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import { rateOfMimeType } from '../input/audio-intake.js';
import type { Ear } from '../input/ear.js';
import type { HeardUtterance } from '../input/utterance.js';
import type { Behaviour } from './behaviour.js';
import { CLOSE_REASONS, type CloseReason } from './close-reason.js';
import type { ConsumedMessages } from './consumed-messages.js';
import type { ContextMeter } from './context-meter.js';
import type { Conversation } from './conversation.js';
import type { ModelProfile } from './model-profile.js';
import type { Senses } from './session-environment.js';

export interface RealtimeIntakeOptions {
  readonly setup: Setup;
  readonly profile: ModelProfile;
  readonly behaviour: Behaviour;
  readonly senses: Senses;
  readonly meter: ContextMeter;
  readonly conversation: Conversation;
  readonly consumed: ConsumedMessages;
  readonly send: (message: ServerMessage) => void;
  /** A video frame came in. */
  readonly onFrame: () => void;
}

/**
 * What the user says and shows: hands audio to the ear and what it understood to the conversation, counts both,
 * and says what the model would not take. Owns the ear.
 */
export class RealtimeIntake {
  readonly #options: RealtimeIntakeOptions;
  readonly #ear: Ear;
  #activityOpen = false;

  constructor(options: RealtimeIntakeOptions) {
    this.#options = options;
    const { setup, behaviour, senses, consumed, conversation, send } = options;
    this.#ear = senses.openEar(setup.activityDetection, behaviour.silenceDurationMs, {
      captions: setup.inputTranscription,
      onSpeechStart: (atMs) => {
        consumed.speechStarted();
        this.#signal('START', atMs);
        conversation.userStarted();
      },
      onSpeechEnd: (atMs) => {
        consumed.speechEnded();
        this.#signal('END', atMs);
      },
      onHeard: (durationMs) => consumed.heard(durationMs),
      onCaption: (text) => send({ serverContent: { inputTranscription: { text } } }),
      onUtterance: (utterance) => this.#onUtterance(utterance),
    });
  }

  accept(input: RealtimeInput): CloseReason | undefined {
    const { profile, setup, meter, conversation, consumed, onFrame } = this.#options;
    consumed.accept(earTasksIn(input), input.text !== undefined);
    if (input.mediaChunks.length > 0 && !profile.mediaChunks) return CLOSE_REASONS.mediaChunks;
    const refused = this.#refuseActivity(input);
    if (refused) return refused;
    if (input.activityStart) {
      this.#activityOpen = true;
      this.#ear.activityStart();
    }
    const media = [input.audio, input.video, ...input.mediaChunks].filter((blob) => blob !== undefined);
    for (const { mimeType, bytes } of media) {
      if (isImage(mimeType)) {
        meter.sawFrame();
        onFrame();
        continue;
      }
      const rateHz = rateOfMimeType(mimeType);
      if (rateHz === undefined) return CLOSE_REASONS.invalidArgument;
      if (setup.turnCoverage === 'TURN_INCLUDES_ALL_INPUT') meter.heardAudio(bytes.length / 2 / rateHz);
      this.#ear.accept(bytes, rateHz);
    }
    if (input.text !== undefined) conversation.userWrote(input.text);
    if (input.activityEnd) {
      this.#activityOpen = false;
      this.#ear.activityEnd();
    }
    if (input.audioStreamEnd) this.#ear.streamEnd();
    return undefined;
  }

  close(): void {
    this.#ear.close();
  }

  #refuseActivity(input: RealtimeInput): CloseReason | undefined {
    const explicit = this.#options.setup.activityDetection.disabled;
    if (!explicit && (input.activityStart || input.activityEnd)) return CLOSE_REASONS.explicitActivity;
    const unopened = input.activityEnd && !input.activityStart && !this.#activityOpen;
    const misplacedEnd = explicit && input.audioStreamEnd && this.#options.profile.name !== 'permissive';
    return unopened || misplacedEnd ? CLOSE_REASONS.invalidArgument : undefined;
  }

  /** Nothing is signalled where the client marks activity itself. */
  #signal(edge: 'START' | 'END', atMs: number | undefined): void {
    const { setup, behaviour, send } = this.#options;
    if (atMs === undefined) return;
    if (setup.explicitVadSignal) {
      const vadSignalType = edge === 'START' ? 'VAD_SIGNAL_TYPE_SOS' : 'VAD_SIGNAL_TYPE_EOS';
      send({ voiceActivityDetectionSignal: { vadSignalType } });
    }
    if (setup.explicitVadSignal || behaviour.voiceActivity) {
      send({ voiceActivity: { type: `ACTIVITY_${edge}`, audioOffset: durationText(atMs) } });
    }
  }

  #onUtterance({ text, understood, caption, durationMs, speakingAgain }: HeardUtterance): void {
    const { setup, profile, send, meter, conversation, consumed } = this.#options;
    if (setup.turnCoverage !== 'TURN_INCLUDES_ALL_INPUT') meter.heardAudio(durationMs / 1000);
    const finished = profile.combinedMessages;
    if (setup.inputTranscription && text !== '' && (caption !== '' || finished)) {
      const inputTranscription = {
        ...(caption !== '' && { text: caption }),
        ...(finished && { finished: true as const }),
      };
      send({ serverContent: { inputTranscription } });
    }
    consumed.speechUnderstood();
    conversation.userSpoke(text, understood, speakingAgain);
  }
}

function earTasksIn(input: RealtimeInput): number {
  const audio = [input.audio, ...input.mediaChunks].filter((blob) => blob && !isImage(blob.mimeType));
  return (
    audio.length + Number(input.activityStart) + Number(input.activityEnd) + Number(input.audioStreamEnd)
  );
}

function isImage(mimeType: string): boolean {
  return mimeType.startsWith('image/');
}
